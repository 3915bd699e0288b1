package io.holdfast.storage.format;

/**
 * Where things stand in a segment file.
 *
 * <pre>
 *   0 block header          {@link FileHeader}, twice
 *   4096 records data       the first is of type begin
 *   capacity-4096 block footer   written when the segment is sealed
 * </pre>
 *
 * <p>The footer block; its first 48 bytes are one unit under a checksum:
 *
 * <pre>
 *   0 u64 salt             of the header; anything else means: not sealed
 *   8 u64 firstOffset      of the segment
 *  16 u64 endOffset        one past the last offset in the segment
 *  24 u64 lastTime         epoch milliseconds of the last record
 *  32 u32 endPosition      where the seal record ends
 *  36 u32 records          how many data records the segment holds
 *  40 u32 zero             reserved
 *  44 u32 crc32c           of bytes 0..43
 * 512 u64 forced           ~salt once the data and bytes 0..47 were forced; else 0
 * 2048 copy header         third copy of {@link FileHeader}
 * </pre>
 *
 * <p>The payload of a {@code begin} record, which carries the segment's first offset as its own:
 *
 * <pre>
 *   0 u32 topic            topic number
 *   4 u32 flags            bit 0: records are missing before this segment (gap)
 *   8 u64 segment          number of this segment, 1, 2, 3, ...
 *  16 u64 baseTime         epoch milliseconds that record times count from
 *  24 u32 producers        entries in the table of producer sequences that follows
 *  28 u32 carried          1: the table follows, to the end of the payload; 0: it is not told here
 * </pre>
 */
public final class SegmentLayout {
  /** Position of the first record. */
  public static final int DATA = FileHeader.BLOCK;

  /** Bytes of the footer block. */
  public static final int FOOTER_BLOCK = 4096;

  /** Footer: salt. */
  public static final int FOOTER_SALT = 0;

  /** Footer: first offset. */
  public static final int FOOTER_FIRST_OFFSET = 8;

  /** Footer: end offset. */
  public static final int FOOTER_END_OFFSET = 16;

  /** Footer: time of the last record. */
  public static final int FOOTER_LAST_TIME = 24;

  /** Footer: end position. */
  public static final int FOOTER_END_POSITION = 32;

  /** Footer: number of data records. */
  public static final int FOOTER_RECORDS = 36;

  /** Footer: checksum over what stands before it. */
  public static final int FOOTER_CRC = 44;

  /** Bytes of the footer's checked part. */
  public static final int FOOTER_LENGTH = 48;

  /** Footer: the forced mark, in a sector of its own. */
  public static final int FOOTER_FORCED = 512;

  /** Footer: third copy of the header. */
  public static final int FOOTER_HEADER = 2048;

  /** Begin record: topic number. */
  public static final int BEGIN_TOPIC = 0;

  /** Begin record: flags. */
  public static final int BEGIN_FLAGS = 4;

  /** Begin record: segment number. */
  public static final int BEGIN_SEGMENT = 8;

  /** Begin record: base time. */
  public static final int BEGIN_BASE_TIME = 16;

  /** Begin record: number of producer entries. */
  public static final int BEGIN_PRODUCERS = 24;

  /** Begin record: whether the producer table follows. */
  public static final int BEGIN_CARRIED = 28;

  /** Bytes of a begin record's payload before the producer table. */
  public static final int BEGIN_LENGTH = 32;

  /** Largest capacity of a segment, bytes: positions are unsigned 31-bit numbers. */
  public static final int MAX_CAPACITY = 1 << 30;

  private SegmentLayout() {}

  /**
   * Where the footer block begins.
   *
   * @param capacity bytes of the segment file
   * @return position of the footer block
   */
  public static int footer(int capacity) {
    return capacity - FOOTER_BLOCK;
  }
}
