package io.holdfast.engine.delay;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in a run of delayed messages, the file {@code NNNNNNNNNN.run}: entries in the
 * order of time and offset, in blocks of 4096 bytes behind the block of the header.
 *
 * <pre>
 *   0 block header          {@link FileHeader}, twice
 * 4096 block[] blocks       all full but the last one
 * </pre>
 *
 * <p>A block:
 *
 * <pre>
 *   0 entry[255] entries    those that the block does not have are zeros
 * 4080 u64 number           of the block, from 0
 * 4088 u32 entries          how many it has, 1 to 255
 * 4092 u32 crc32c           of bytes 0..4091
 * </pre>
 *
 * <p>An entry:
 *
 * <pre>
 *   0 i64 deliverAt         epoch milliseconds
 *   8 u64 offset            of the message
 * </pre>
 */
public final class DelayRunLayout {
  /** Position of the first block. */
  public static final int BLOCKS = FileHeader.BLOCK;

  /** Bytes of a block. */
  public static final int BLOCK = 4096;

  /** Most entries of a block. */
  public static final int BLOCK_ENTRIES = 255;

  /** Bytes of an entry. */
  public static final int ENTRY = 16;

  /** Entry: the offset, behind deliverAt. */
  public static final int OFFSET = 8;

  /** Block: its number. */
  public static final int NUMBER = 4080;

  /** Block: how many entries it has. */
  public static final int ENTRIES = 4088;

  /** Block: checksum. */
  public static final int CRC = 4092;

  private static final String SUFFIX = ".run";

  private DelayRunLayout() {}

  /**
   * The size of a run's file.
   *
   * @param entries 1 or more
   * @return bytes
   */
  public static long fileLength(int entries) {
    return BLOCKS + (long) ((entries - 1) / BLOCK_ENTRIES + 1) * BLOCK;
  }

  /**
   * Where an entry stands.
   *
   * @param index of the entry, from 0
   * @return position in the file
   */
  public static int entry(int index) {
    return BLOCKS + index / BLOCK_ENTRIES * BLOCK + index % BLOCK_ENTRIES * ENTRY;
  }

  /**
   * The name of a run's file.
   *
   * @param number of the run
   * @return ten digits and the suffix
   */
  public static String fileName(long number) {
    return String.format("%010d%s", number, SUFFIX);
  }

  /**
   * The number of a run's file.
   *
   * @param fileName any name
   * @return its number, or -1 where the name is not that of a run
   */
  public static long numberOf(String fileName) {
    return fileName.matches("[0-9]{10}\\.run")
        ? Long.parseLong(fileName.substring(0, fileName.length() - SUFFIX.length()))
        : -1;
  }
}
