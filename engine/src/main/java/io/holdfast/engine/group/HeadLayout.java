package io.holdfast.engine.group;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in the file {@code head} of a group and topic: a header block, then two slots,
 * each in a 4 KiB block of its own. The valid slot with the higher sequence counts; the other one
 * is written next.
 *
 * <p>A slot:
 *
 * <pre>
 *   0 u64 sequence         one more with each write; 0 = never written
 *   8 u64 lowWaterMark     every message below it is done
 *  16 u64 nextOffset       where first attempts had come to; a hint
 *  24 u64 done             messages that the group is done with
 *  32 u64 dead             those of them that became dead letters or were parked
 *  40 u64 parked           those of them that were parked
 *  48 u32 topic            topic number
 *  52 u32 writerEpoch      of the store when the slot was written
 *  56 u32 lost             messages that were lost in a damaged topic before they were done
 *  60 u32 crc32c           of bytes 0..59
 *  64 u64 expired          messages that expired before they were done
 *  72 u64 dropped          messages that retention or a limit took before they were done
 *  80 u64 cancelled        messages that were cancelled before they were due
 *  88 u64 seekTo           where a seek that is under way goes, plus 1; 0 = none is
 *  96 u64 skipped          messages that a seek passed over before they were done
 * 104 u64 droppedTo        what below it is neither done nor in a slot was dropped, and counted
 * 112 u8[12] zero          reserved
 * 124 u32 moreCrc32c       of bytes 64..123 and 0..7
 * </pre>
 *
 * <p>In a file whose header says format 1 or 2, a slot has 64 bytes: what follows counts as zeros.
 */
public final class HeadLayout {
  /** Slot: sequence. */
  public static final int SEQUENCE = 0;

  /** Slot: low-water mark. */
  public static final int LOW_WATER_MARK = 8;

  /** Slot: next offset. */
  public static final int NEXT_OFFSET = 16;

  /** Slot: count of done messages. */
  public static final int DONE = 24;

  /** Slot: count of dead letters and parked messages. */
  public static final int DEAD = 32;

  /** Slot: count of parked messages. */
  public static final int PARKED = 40;

  /** Slot: topic number. */
  public static final int TOPIC = 48;

  /** Slot: writer epoch. */
  public static final int WRITER_EPOCH = 52;

  /** Slot: count of lost messages. */
  public static final int LOST = 56;

  /** Slot: checksum. */
  public static final int CRC = 60;

  /** Slot: count of expired messages. */
  public static final int EXPIRED = 64;

  /** Slot: count of dropped messages. */
  public static final int DROPPED = 72;

  /** Slot: count of cancelled messages. */
  public static final int CANCELLED = 80;

  /** Slot: one more than the offset that a seek goes to. */
  public static final int SEEK_TO = 88;

  /** Slot: count of skipped messages. */
  public static final int SKIPPED = 96;

  /** Slot: where retention and limits had come to. */
  public static final int DROPPED_TO = 104;

  /** Slot: checksum of the second half. */
  public static final int MORE_CRC32C = 124;

  /** Bytes of a slot. */
  public static final int SLOT = 128;

  /** Bytes of a slot in formats 1 and 2. */
  public static final int OLD_SLOT = 64;

  /** The first format whose slots have {@link #SLOT} bytes. */
  public static final int VERSION = 3;

  /** Slots in a file. */
  public static final int SLOTS = 2;

  /** Bytes of the file. */
  public static final int CAPACITY = FileHeader.BLOCK * (1 + SLOTS);

  private HeadLayout() {}

  /**
   * Where a slot begins.
   *
   * @param slot 0 or 1
   * @return its position in the file
   */
  public static int slot(int slot) {
    return FileHeader.BLOCK * (1 + slot);
  }
}
