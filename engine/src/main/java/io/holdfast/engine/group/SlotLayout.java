package io.holdfast.engine.group;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in the file {@code slots}: a header block, then blocks of 128 slots, each with
 * 4 KiB of slots and 32 KiB of details. The file grows by whole blocks; a part of one at its end is
 * ignored.
 *
 * <p>A slot:
 *
 * <pre>
 *   0 u64 word             bits 60..63 state, 59 suspect, 32..58 generation, 16..31 failures,
 *                        0..15 attempts
 *   8 u64 offset           of the message
 *  16 i64 deadline         Running: end of the lease; Delayed, Available: due time; epoch ms
 *  24 u64 deadLetterEnd    Dying: end of the dead-letter topic when the slot entered that state
 * </pre>
 *
 * <p>States: 0 free, 1 Running, 2 Delayed, 3 Available, 4 Committing (reserved), 5 Dying, 6 Done.
 *
 * <p>The details of a slot; lengths are never trusted:
 *
 * <pre>
 *   0 i64 firstDelivery    epoch ms of the first delivery
 *   8 u8 consumerLength    bytes of the consumer's name
 *   9 u8 classLength       bytes of the error's class
 *  10 u8 messageLength     bytes of the error's message
 *  11 u8 reason            Dying: 1 attempts, 2 rejected, 3 crash, 4 fatal, 5 key, 6 expired
 *  12 u32 checksum         CRC32C of the slot's generation and all other bytes, as of the error
 *  16 bytes[64] consumer   who had the last delivery, ASCII
 *  80 bytes[176] error     class, at most 96 bytes, then message; UTF-8, cut where it is longer
 * </pre>
 */
public final class SlotLayout {
  /** Bytes of a slot. */
  public static final int SLOT = 32;

  /** Slot: state word. */
  public static final int WORD = 0;

  /** Slot: offset. */
  public static final int OFFSET = 8;

  /** Slot: deadline. */
  public static final int DEADLINE = 16;

  /** Slot: end of the dead-letter topic. */
  public static final int DEAD_LETTER_END = 24;

  /** Slots of a block, as a power of two. */
  public static final int BLOCK_SHIFT = 7;

  /** Slots of a block. */
  public static final int BLOCK_SLOTS = 1 << BLOCK_SHIFT;

  /** Bytes of the details of a slot. */
  public static final int DETAIL = 256;

  /** Block: first detail. */
  public static final int DETAILS = BLOCK_SLOTS * SLOT;

  /** Bytes of a block. */
  public static final int BLOCK = DETAILS + BLOCK_SLOTS * DETAIL;

  /** Position of the first block. */
  public static final int FIRST_BLOCK = FileHeader.BLOCK;

  /** Detail: first delivery. */
  public static final int FIRST_DELIVERY = 0;

  /** Detail: bytes of the consumer's name. */
  public static final int CONSUMER_LENGTH = 8;

  /** Detail: bytes of the error's class. */
  public static final int CLASS_LENGTH = 9;

  /** Detail: bytes of the error's message. */
  public static final int MESSAGE_LENGTH = 10;

  /** Detail: why it is Dying. */
  public static final int REASON = 11;

  /** Detail: checksum. */
  public static final int CHECKSUM = 12;

  /** Detail: consumer. */
  public static final int CONSUMER = 16;

  /** Most bytes of a consumer's name. */
  public static final int CONSUMER_MAX = 64;

  /** Detail: error. */
  public static final int ERROR = 80;

  /** Most bytes of an error's class. */
  public static final int CLASS_MAX = 96;

  /** Most bytes of an error's class and message together. */
  public static final int ERROR_MAX = DETAIL - ERROR;

  private SlotLayout() {}

  /**
   * Where a slot stands in its block.
   *
   * @param slot number in the file
   * @return index in the block
   */
  public static int slotInBlock(int slot) {
    return (slot & (BLOCK_SLOTS - 1)) * SLOT;
  }

  /**
   * Where the details of a slot stand in its block.
   *
   * @param slot number in the file
   * @return index in the block
   */
  public static int detailInBlock(int slot) {
    return DETAILS + (slot & (BLOCK_SLOTS - 1)) * DETAIL;
  }
}
