package io.holdfast.engine.group;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in a chunk of the done bitmap, the file {@code NNNNNNNNNN.done}, whose number
 * is the first offset divided by 1,048,576.
 *
 * <pre>
 *   0 block header          {@link FileHeader}, twice
 * 4096 u64[16384] bits      bit i of word w = offset number * 1,048,576 + 64 * w + i is done
 * </pre>
 *
 * <p>Words are little-endian. No summary of the bits is stored: see docs/decisions.md, "No summary
 * of the done bits on disk".
 */
public final class DoneLayout {
  /** Offsets of a chunk, as a power of two. */
  public static final int OFFSETS_SHIFT = 20;

  /** Offsets of a chunk. */
  public static final int OFFSETS = 1 << OFFSETS_SHIFT;

  /** Offsets whose bits share a page. */
  public static final int OFFSETS_IN_PAGE = 4096 * Byte.SIZE;

  /** Words of a chunk. */
  public static final int WORDS = OFFSETS / Long.SIZE;

  /** Position of the first word. */
  public static final int BITS = FileHeader.BLOCK;

  /** Bytes of the file. */
  public static final int CAPACITY = BITS + WORDS * Long.BYTES;

  private static final String SUFFIX = ".done";

  private DoneLayout() {}

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
   * @return ten digits and the suffix
   */
  public static String fileName(long chunk) {
    return String.format("%010d%s", chunk, SUFFIX);
  }

  /**
   * The number of a chunk's file.
   *
   * @param fileName any name
   * @return its number, or -1 where the name is not that of a chunk
   */
  public static long chunkOf(String fileName) {
    return fileName.matches("[0-9]{10}\\.done")
        ? Long.parseLong(fileName.substring(0, fileName.length() - SUFFIX.length()))
        : -1;
  }
}
