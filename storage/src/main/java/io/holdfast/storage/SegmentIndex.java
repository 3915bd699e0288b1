package io.holdfast.storage;

import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The index of one segment, as a reader uses it: where to begin a short scan for an offset or a
 * time.
 *
 * <p>It is never trusted: an answer is a place at which a record should stand, and whoever uses it
 * checks the record found there. Without a usable file every answer is the segment's first record.
 */
final class SegmentIndex implements AutoCloseable {
  private static final int FIRST_PAGE = SegmentLayout.DATA >>> IndexLayout.PAGE_SHIFT;

  private final MappedRegion region; // null without a usable file
  private final int pages;

  private SegmentIndex(MappedRegion region, int pages) {
    this.region = region;
    this.pages = pages;
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
      return new SegmentIndex(null, 0);
    }
    MappedRegion region = MappedRegion.mapReadOnly(file);
    UnsafeBuffer buffer = region.buffer();
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    if (region.capacity() != IndexLayout.capacity(capacity)
        || buffer.getLong(IndexLayout.OFFSET, le) != IndexLayout.MAGIC
        || buffer.getLong(IndexLayout.SALT, le) != salt) {
      region.close();
      return new SegmentIndex(null, 0);
    }
    return new SegmentIndex(region, capacity >>> IndexLayout.PAGE_SHIFT);
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
    int high = pages - 1 - 1;
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
    int high = pages - 1 - 1;
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
    return plausible && position < pages << IndexLayout.PAGE_SHIFT ? position : SegmentLayout.DATA;
  }

  private long offset(int page) {
    return region.buffer()
        .getLong(page * IndexLayout.ENTRY + IndexLayout.OFFSET, ByteOrder.LITTLE_ENDIAN);
  }

  private int position(int page) {
    return region.buffer()
        .getInt(page * IndexLayout.ENTRY + IndexLayout.POSITION, ByteOrder.LITTLE_ENDIAN);
  }

  private long time(int page) {
    return region.buffer()
            .getInt(page * IndexLayout.ENTRY + IndexLayout.TIME, ByteOrder.LITTLE_ENDIAN)
        & 0xFFFF_FFFFL;
  }

  @Override
  public void close() {
    if (region != null) {
      region.close();
    }
  }
}
