package io.holdfast.storage.format;

/**
 * Where things stand in a record: a 32-byte header, attributes, payload, zeros up to a multiple of
 * 8.
 *
 * <pre>
 *   0 i32 length           32 + attributes + payload; 0 = nothing here yet (end); never negative
 *   4 u32 crc32c           of attributes, payload, salt u64, position u32, length i32, bytes 8..31
 *   8 u8 type              {@link RecordType}; one that is not known refuses the record
 *   9 u8 flags             none are defined; one that is not known refuses the record
 *  10 u16 attributes       bytes of the attribute block
 *  12 u32 writerEpoch      of the store when the record was written; never decreases in a topic
 *  16 u64 offset           of the message; begin and seal carry the next message's
 *  24 u32 durableLag       offset minus the durable point known when written; all ones = unknown
 *  28 u32 time             milliseconds after the segment's base time
 *  32 bytes body           attributes, payload, zeros to 8
 * </pre>
 *
 * <p>Length and CRC are one 8-byte word, stored last with release: a record whose length can be
 * read in this process, or after its death, is whole. After a power cut only the CRC proves that.
 */
public final class RecordLayout {
  /** Length and CRC as one word. */
  public static final int WORD = 0;

  /** Length. */
  public static final int LENGTH = 0;

  /** Checksum. */
  public static final int CRC = 4;

  /** Type. */
  public static final int TYPE = 8;

  /** Flags. */
  public static final int FLAGS = 9;

  /** Bytes of attributes. */
  public static final int ATTRIBUTES = 10;

  /** Writer epoch. */
  public static final int WRITER_EPOCH = 12;

  /** Offset. */
  public static final int OFFSET = 16;

  /** Offsets between this one and the durable point. */
  public static final int DURABLE_LAG = 24;

  /** Time after the segment's base time. */
  public static final int TIME = 28;

  /** Bytes of the header, and where the body begins. */
  public static final int HEADER = 32;

  /** Records begin at multiples of this. */
  public static final int ALIGNMENT = 8;

  /** The durable lag that says: not known. */
  public static final int LAG_UNKNOWN = -1;

  /** Most bytes of an attribute block. */
  public static final int MAX_ATTRIBUTES = 0xFFFF;

  private RecordLayout() {}

  /**
   * Bytes that a record takes in its segment.
   *
   * @param length value of the length field
   * @return length rounded up to a multiple of 8
   */
  public static int aligned(int length) {
    return (length + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
