package io.holdfast.engine.dedup;

import io.holdfast.storage.format.FileHeader;

/**
 * Where things stand in the file {@code sequences} of a topic, which is replaced as a whole: a
 * header block, then what the producers had sent when it was written.
 *
 * <pre>
 *   0 block header          {@link FileHeader}, twice
 * 4096 u64 offset           the table is of all messages below; older tables do not count
 * 4104 u32 producers        entries of the table
 * 4108 u32 length           bytes of the table
 * 4112 u32 crc32c           of bytes 4096..4111 and of the table
 * 4116 bytes table          as in a begin record
 * </pre>
 */
final class SequenceFileLayout {
  static final int OFFSET = 4096; // behind the header block
  static final int PRODUCERS = 4104;
  static final int LENGTH = 4108;
  static final int CRC = 4112;

  /** Position of the table. */
  static final int TABLE = 4116;

  private SequenceFileLayout() {}
}
