package io.holdfast.storage;

import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The index of one segment: where to begin a short scan for an offset or a time.
 *
 * <p>While the segment is written to, it stands on the heap; its file is written once the segment
 * has been sealed and forced. It is never trusted: an answer is a place at which a record should
 * stand, and whoever uses it checks the record found there. Without a usable file every answer is
 * the segment's first record.
 *
 * <p>One writer at a time puts entries, before the record's offset is published; readers look at
 * those below an end that they have read before.
 */
final class SegmentIndex implements AutoCloseable {
  private static final int FIRST_PAGE = SegmentLayout.DATA >>> IndexLayout.PAGE_SHIFT;

  private final MappedRegion region; // null on the heap and without a usable file
  private final UnsafeBuffer entries;
  private final int capacity;
  private int pages; // the writer writes, readers read after the end of the log was published

  private SegmentIndex(MappedRegion region, UnsafeBuffer entries, int pages, int capacity) {
    this.region = region;
    this.entries = entries;
    this.pages = pages;
    this.capacity = capacity;
  }

  /**
   * An empty index to be written.
   *
   * @param capacity bytes of the segment
   * @return on the heap
   */
  static SegmentIndex onHeap(int capacity) {
    byte[] entries = new byte[IndexLayout.capacity(capacity)];
    return new SegmentIndex(null, new UnsafeBuffer(entries), FIRST_PAGE, capacity);
  }

  /**
   * The index of a segment that is to be written on, taken from its records.
   *
   * @param records the segment, mapped; recovery or its last writer vouches for what stands there
   * @param position where its next record goes
   * @return on the heap
   */
  static SegmentIndex of(UnsafeBuffer records, int position) {
    SegmentIndex index = onHeap(records.capacity());
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    int at = SegmentLayout.DATA;
    while (at < position) {
      int length = records.getInt(at + RecordLayout.LENGTH, le);
      if (length < RecordLayout.HEADER || length > position - at) {
        throw new DamagedRecordException(
            "position %d: expected a length of 32 to %d, found %d; run 'holdfast verify'"
                .formatted(at, position - at, length));
      }
      int end = at + RecordLayout.aligned(length);
      long offset = records.getLong(at + RecordLayout.OFFSET, le);
      index.put(at, end, offset, records.getInt(at + RecordLayout.TIME, le));
      at = end;
    }
    return index;
  }

  /** An index that leads to the first record. */
  static SegmentIndex none(int capacity) {
    return new SegmentIndex(null, null, FIRST_PAGE, capacity);
  }

  /**
   * Opens an index file.
   *
   * @param file may be missing, or of another life of the segment
   * @param salt of the segment's header
   * @param capacity bytes of the segment
   * @return the index
   */
  static SegmentIndex open(Path file, long salt, int capacity) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || DurableFiles.size(file) != IndexLayout.capacity(capacity)) {
      return none(capacity);
    }
    MappedRegion region = MappedRegion.mapReadOnly(file);
    UnsafeBuffer buffer = region.buffer();
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    if (region.capacity() != IndexLayout.capacity(capacity)
        || buffer.getLong(IndexLayout.OFFSET, le) != IndexLayout.MAGIC
        || buffer.getLong(IndexLayout.SALT, le) != salt) {
      region.close();
      return none(capacity);
    }
    int footer = SegmentLayout.footer(capacity) >>> IndexLayout.PAGE_SHIFT;
    return new SegmentIndex(region, buffer, footer, capacity);
  }

  /**
   * Enters a record for each page whose first byte it covers: at most one for a small record.
   *
   * @param at where the record begins
   * @param end where it ends
   * @param offset of the record
   * @param time milliseconds after the base time
   */
  void put(int at, int end, long offset, int time) {
    int last = end - 1 >>> IndexLayout.PAGE_SHIFT;
    for (int page = at + 4095 >>> IndexLayout.PAGE_SHIFT; page <= last; page++) {
      int entry = page * IndexLayout.ENTRY;
      entries.putLong(entry + IndexLayout.OFFSET, offset, ByteOrder.LITTLE_ENDIAN);
      entries.putInt(entry + IndexLayout.POSITION, at, ByteOrder.LITTLE_ENDIAN);
      entries.putInt(entry + IndexLayout.TIME, time, ByteOrder.LITTLE_ENDIAN);
      pages = page + 1;
    }
  }

  /**
   * The content of its file.
   *
   * @param salt of the segment
   * @return the entries behind what tells whose they are
   */
  byte[] fileContent(long salt) {
    byte[] content = new byte[IndexLayout.capacity(capacity)];
    entries.getBytes(0, content, 0, pages * IndexLayout.ENTRY);
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    buffer.putLong(IndexLayout.OFFSET, IndexLayout.MAGIC, ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(IndexLayout.SALT, salt, ByteOrder.LITTLE_ENDIAN);
    return content;
  }

  /**
   * Where a scan for an offset may begin.
   *
   * @param offset what is looked for
   * @param endOffset entries of this offset or later are not in use yet
   * @return position of a record at or before the offset
   */
  int positionOf(long offset, long endOffset) {
    int low = FIRST_PAGE;
    int high = pages - 1;
    int found = SegmentLayout.DATA;
    while (low <= high) {
      int middle = low + high >>> 1;
      long at = offset(middle);
      int position = position(middle);
      if (position == 0 || at > offset || at >= endOffset) {
        high = middle - 1;
      } else {
        found = position;
        low = middle + 1;
      }
    }
    return checked(found);
  }

  /**
   * Where a scan for a time may begin.
   *
   * @param time milliseconds after the base time
   * @param endOffset entries of this offset or later are not in use yet
   * @return position of a record before the first with that time
   */
  int positionOfTime(long time, long endOffset) {
    int low = FIRST_PAGE;
    int high = pages - 1;
    int found = SegmentLayout.DATA;
    while (low <= high) {
      int middle = low + high >>> 1;
      int position = position(middle);
      if (position == 0 || time(middle) >= time || offset(middle) >= endOffset) {
        high = middle - 1;
      } else {
        found = position;
        low = middle + 1;
      }
    }
    return checked(found);
  }

  private int checked(int position) {
    boolean plausible = position >= SegmentLayout.DATA && position % 8 == 0;
    return plausible && position < SegmentLayout.footer(capacity) ? position : SegmentLayout.DATA;
  }

  private long offset(int page) {
    return entries.getLong(page * IndexLayout.ENTRY + IndexLayout.OFFSET, ByteOrder.LITTLE_ENDIAN);
  }

  private int position(int page) {
    return entries.getInt(page * IndexLayout.ENTRY + IndexLayout.POSITION, ByteOrder.LITTLE_ENDIAN);
  }

  private long time(int page) {
    int entry = page * IndexLayout.ENTRY;
    return entries.getInt(entry + IndexLayout.TIME, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
  }

  /** Whether it is not in a file. */
  boolean isOnHeap() {
    return region == null;
  }

  @Override
  public void close() {
    if (region != null) {
      region.close();
    }
  }
}
