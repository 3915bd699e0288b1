package io.holdfast.storage.check;

import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An index file as it was read at one moment, by channel. Its answers are hints: whoever uses one
 * checks the record that stands there. Immutable.
 */
public final class IndexReader {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int FIRST_PAGE = SegmentLayout.DATA >>> IndexLayout.PAGE_SHIFT;
  private static final int MAX_BYTES = IndexLayout.capacity(SegmentLayout.MAX_CAPACITY);

  private final UnsafeBuffer entries;
  private final int pages;

  private IndexReader(byte[] content) {
    this.entries = new UnsafeBuffer(content);
    this.pages = content.length / IndexLayout.ENTRY;
  }

  /**
   * Reads an index file.
   *
   * @param file may be missing
   * @return empty when it is, or is too short to be one
   */
  public static Optional<IndexReader> read(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    byte[] content;
    try {
      content = DurableFiles.read(file, MAX_BYTES);
    } catch (StorageIoException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return Optional.empty(); // dropped with its segment a moment ago
      }
      throw e;
    }
    return content.length < IndexLayout.ENTRY
        ? Optional.empty()
        : Optional.of(new IndexReader(content));
  }

  /**
   * Whether the file begins as an index does.
   *
   * @return false when it is something else
   */
  public boolean hasMagic() {
    return entries.getLong(IndexLayout.OFFSET, LE) == IndexLayout.MAGIC;
  }

  /**
   * The salt of the segment that it was made for.
   *
   * @return as stored
   */
  public long salt() {
    return entries.getLong(IndexLayout.SALT, LE);
  }

  /**
   * Pages of the segment, its header's included.
   *
   * @return how many entries there are
   */
  public int pages() {
    return pages;
  }

  /**
   * The offset in an entry.
   *
   * @param page from 1
   * @return of the record that covers the page's first byte
   */
  public long offset(int page) {
    return entries.getLong(page * IndexLayout.ENTRY + IndexLayout.OFFSET, LE);
  }

  /**
   * The position in an entry.
   *
   * @param page from 1
   * @return of that record; 0 when the entry is not in use
   */
  public int position(int page) {
    return entries.getInt(page * IndexLayout.ENTRY + IndexLayout.POSITION, LE);
  }

  /**
   * The time in an entry.
   *
   * @param page from 1
   * @return milliseconds after the base time
   */
  public long time(int page) {
    return entries.getInt(page * IndexLayout.ENTRY + IndexLayout.TIME, LE) & 0xFFFF_FFFFL;
  }

  /**
   * Where a scan for an offset may begin.
   *
   * @param offset what is looked for
   * @return where a record at or before it should stand
   */
  public int positionOf(long offset) {
    int low = FIRST_PAGE;
    int high = pages - 1;
    int found = SegmentLayout.DATA;
    while (low <= high) {
      int middle = low + high >>> 1;
      int position = position(middle);
      if (position == 0 || offset(middle) > offset) {
        high = middle - 1;
      } else {
        found = position;
        low = middle + 1;
      }
    }
    return found;
  }
}
