package io.holdfast.storage.format;

/**
 * Where things stand in an index file: one 16-byte entry for each 4 KiB page of the segment, about
 * the record that covers the page's first byte. The file can be rebuilt and is never trusted.
 *
 * <pre>
 *   0 u64 offset           of the record; entry 0, whose page is the header, holds the magic here
 *   8 u32 position         of the record; entry 0 holds the segment's salt in these 8 bytes
 *  12 u32 time             largest time up to this record, milliseconds after the base time
 * </pre>
 */
public final class IndexLayout {
  /** Bytes of one entry. */
  public static final int ENTRY = 16;

  /** Bytes of one page of the segment, as a power of two. */
  public static final int PAGE_SHIFT = 12;

  /** Entry: offset. */
  public static final int OFFSET = 0;

  /** Entry: position. */
  public static final int POSITION = 8;

  /** Entry: time. */
  public static final int TIME = 12;

  /** What entry 0 begins with: {@code HFINDEX1}, little-endian. */
  public static final long MAGIC = 0x3158_4544_4E49_4648L;

  /** Where entry 0 holds the salt of the segment. */
  public static final int SALT = 8;

  private IndexLayout() {}

  /**
   * Bytes of the index of a segment.
   *
   * @param capacity bytes of the segment file
   * @return bytes of its index file: a multiple of 4 KiB, because mapping grows any other file
   */
  public static int capacity(int capacity) {
    return (capacity >>> PAGE_SHIFT) * ENTRY + 4095 & -4096;
  }
}
