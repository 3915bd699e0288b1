package io.holdfast.storage.format;

/**
 * Where things stand in the control file: a header block, then two slots of equal size that begin
 * at multiples of 4 KiB. The valid slot with the highest sequence counts; the other one is written
 * next.
 *
 * <p>A slot:
 *
 * <pre>
 *   0 u64 sequence         one more with each write; 0 = never written
 *   8 u32 writerEpoch      raised and forced at each open for writing
 *  12 u32 lastTopic        highest topic number ever given; none is given twice
 *  16 u32 topics           entries that follow
 *  20 u32 crc32c           of the slot without these 4 bytes, up to its last entry
 *  24 u64 zero             reserved
 *  32 entries topics       one for each topic
 * </pre>
 *
 * <p>An entry:
 *
 * <pre>
 *   0 u32 topic            topic number
 *   4 u32 zero             reserved
 *   8 u64 durableOffset    everything below it was forced
 *  16 u64 firstSegment     lowest segment number that must be there
 *  24 u64 zero             reserved
 * </pre>
 */
public final class ControlLayout {
  /** Slot: sequence. */
  public static final int SEQUENCE = 0;

  /** Slot: writer epoch. */
  public static final int WRITER_EPOCH = 8;

  /** Slot: highest topic number ever given. */
  public static final int LAST_TOPIC = 12;

  /** Slot: number of entries. */
  public static final int TOPICS = 16;

  /** Slot: checksum. */
  public static final int CRC = 20;

  /** Slot: first entry. */
  public static final int ENTRIES = 32;

  /** Bytes of an entry. */
  public static final int ENTRY = 32;

  /** Entry: topic number. */
  public static final int ENTRY_TOPIC = 0;

  /** Entry: durable offset. */
  public static final int ENTRY_DURABLE_OFFSET = 8;

  /** Entry: lowest segment number. */
  public static final int ENTRY_FIRST_SEGMENT = 16;

  /** Slots in a file. */
  public static final int SLOTS = 2;

  private ControlLayout() {}

  /**
   * Where a slot begins.
   *
   * @param slot 0 or 1
   * @param fileLength bytes of the control file
   * @return position of the slot
   */
  public static int slot(int slot, int fileLength) {
    return FileHeader.BLOCK + slot * slotLength(fileLength);
  }

  /**
   * Bytes of one slot.
   *
   * @param fileLength bytes of the control file
   * @return a multiple of 4 KiB
   */
  public static int slotLength(int fileLength) {
    return (fileLength - FileHeader.BLOCK) / SLOTS;
  }
}
