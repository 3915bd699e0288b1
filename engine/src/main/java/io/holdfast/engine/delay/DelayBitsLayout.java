package io.holdfast.engine.delay;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in a chunk of bits about the messages of a topic, the files {@code
 * NNNNNNNNNN.delayed} and {@code NNNNNNNNNN.cancelled}, whose number is the first offset divided by
 * 1,048,576.
 *
 * <pre>
 *   0 block header          {@link FileHeader}, twice
 * 4096 u64[16384] bits      bit i of word w = offset number * 1,048,576 + 64 * w + i
 * </pre>
 *
 * <p>A bit of {@code delayed} says that a run holds the message, and that no group needs to read it
 * before its time; one of {@code cancelled} that nobody gets it.
 */
public final class DelayBitsLayout {
  /** Offsets of a chunk, as a power of two. */
  public static final int OFFSETS_SHIFT = 20;

  /** Offsets of a chunk. */
  public static final int OFFSETS = 1 << OFFSETS_SHIFT;

  /** Words of a chunk. */
  public static final int WORDS = OFFSETS / Long.SIZE;

  /** Position of the first word. */
  public static final int BITS = FileHeader.BLOCK;

  /** Bytes of the file. */
  public static final int CAPACITY = BITS + WORDS * Long.BYTES;

  /** End of the name of a chunk of messages that a run holds. */
  public static final String DELAYED = ".delayed";

  /** End of the name of a chunk of messages that nobody gets. */
  public static final String CANCELLED = ".cancelled";

  private DelayBitsLayout() {}

  /**
   * The chunk that an offset belongs to.
   *
   * @param offset of a message
   * @return number of the chunk
   */
  public static long chunk(long offset) {
    return offset >>> OFFSETS_SHIFT;
  }

  /**
   * The name of a chunk's file.
   *
   * @param chunk its number
   * @param suffix DELAYED or CANCELLED
   * @return ten digits and the suffix
   */
  public static String fileName(long chunk, String suffix) {
    return String.format("%010d%s", chunk, suffix);
  }

  /**
   * The number of a chunk's file.
   *
   * @param fileName any name
   * @param suffix DELAYED or CANCELLED
   * @return its number, or -1 where the name is not that of such a chunk
   */
  public static long chunkOf(String fileName, String suffix) {
    return fileName.endsWith(suffix) && fileName.matches("[0-9]{10}\\.[a-z]+")
        ? Long.parseLong(fileName.substring(0, 10))
        : -1;
  }
}
