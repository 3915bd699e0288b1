package io.holdfast.storage.check;

import io.holdfast.storage.format.IndexLayout;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** The index of one segment in the making, from its records in order. Belongs to one thread. */
public final class IndexBuilder {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LAST_IN_PAGE = (1 << IndexLayout.PAGE_SHIFT) - 1;

  private final byte[] bytes;
  private final UnsafeBuffer entries;

  /**
   * Begins an index without entries.
   *
   * @param salt of the segment's header
   * @param capacity bytes of the segment
   */
  public IndexBuilder(long salt, int capacity) {
    this.bytes = new byte[IndexLayout.capacity(capacity)];
    this.entries = new UnsafeBuffer(bytes);
    entries.putLong(IndexLayout.OFFSET, IndexLayout.MAGIC, LE);
    entries.putLong(IndexLayout.SALT, salt, LE);
  }

  /**
   * Takes a record: it gets an entry for each page whose first byte it covers.
   *
   * @param position where it begins
   * @param nextPosition behind it
   * @param offset of the record
   * @param time milliseconds after the base time, unsigned
   */
  public void record(int position, int nextPosition, long offset, int time) {
    int last = nextPosition - 1 >>> IndexLayout.PAGE_SHIFT;
    for (int page = position + LAST_IN_PAGE >>> IndexLayout.PAGE_SHIFT; page <= last; page++) {
      int entry = page * IndexLayout.ENTRY;
      entries.putLong(entry + IndexLayout.OFFSET, offset, LE);
      entries.putInt(entry + IndexLayout.POSITION, position, LE);
      entries.putInt(entry + IndexLayout.TIME, time, LE);
    }
  }

  /**
   * Takes the current record of a scanner.
   *
   * @param scanner stands at a whole record
   */
  public void record(SegmentScanner scanner) {
    record(scanner.position(), scanner.nextPosition(), scanner.offset(), (int) scanner.time());
  }

  /**
   * The whole index.
   *
   * @return as it stands in the file; not a copy
   */
  public byte[] bytes() {
    return bytes;
  }
}
