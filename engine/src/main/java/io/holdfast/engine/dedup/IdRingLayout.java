package io.holdfast.engine.dedup;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in the file {@code ids} of a topic: a header block, two heads, each in a block
 * of its own, then a ring of entries. The valid head with the higher sequence counts; the other one
 * is written next.
 *
 * <pre>
 *   0 block header          {@link FileHeader}, twice
 * 4096 head first           see below
 * 8192 head second          see below
 * 12288 entries ring        entry number n stands at index n modulo their number
 * </pre>
 *
 * <p>A head:
 *
 * <pre>
 *   0 u64 sequence         one more with each write; 0 = never written
 *   8 u64 checkpoint       entries of messages below this offset were forced
 *  16 u64 next             number of the first entry that is not among them
 *  24 u32 zero             reserved
 *  28 u32 crc32c           of bytes 0..27
 * </pre>
 *
 * <p>An entry; one that is not whole, or has another number than it should, is none:
 *
 * <pre>
 *   0 u64 number           0, 1, 2, ... in the order of the messages
 *   8 u64 low              first half of the hash of the id
 *  16 u64 high             the other half
 *  24 u64 offset           of the message
 *  32 i64 time             when the topic took it, epoch milliseconds
 *  40 u32 zero             reserved
 *  44 u32 crc32c           of bytes 0..43
 * </pre>
 */
final class IdRingLayout {
  static final int HEAD_SEQUENCE = 0;
  static final int HEAD_CHECKPOINT = 8;
  static final int HEAD_NEXT = 16;
  static final int HEAD_CRC = 28;

  /** Bytes of a head. */
  static final int HEAD = 32;

  static final int NUMBER = 0;
  static final int LOW = 8;
  static final int HIGH = 16;
  static final int OFFSET = 24;
  static final int TIME = 32;
  static final int CRC = 44;

  /** Bytes of an entry. */
  static final int ENTRY = 48;

  /** Position of the first entry. */
  static final int RING = 3 * FileHeader.BLOCK;

  private IdRingLayout() {}

  /** Position of one of the two heads. */
  static int head(int which) {
    return FileHeader.BLOCK * (1 + which);
  }

  /** Bytes of a file with room for so many entries. */
  static int capacity(int entries) {
    return RING + entries * ENTRY + FileHeader.BLOCK - 1 & -FileHeader.BLOCK;
  }

  /** How many entries a file has. */
  static int entries(long capacity) {
    return (int) ((capacity - RING) / ENTRY);
  }
}
