package io.holdfast.storage;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * A message that says who sent it, as which one, and whether it is whole.
 *
 * @param writer who sent it
 * @param sequence 0, 1, 2, ... for each writer
 */
record StressMessage(int writer, long sequence) {
  static final int LEAST_LENGTH = 20;

  /** What comes of bytes that no writer sent. */
  static final StressMessage BROKEN = new StressMessage(-1, -1);

  private static final int CRC = Integer.BYTES + Long.BYTES;
  private static final int FILLER = CRC + Integer.BYTES;
  private static final int SHIFTS = 1_009;
  private static final byte[] PATTERN = new byte[16 * 1024];

  static {
    new Random(1).nextBytes(PATTERN);
  }

  /**
   * The message as bytes.
   *
   * @param length of them, {@link #LEAST_LENGTH} to 8 KiB
   * @return a new array
   */
  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    ByteBuffer fields = ByteBuffer.wrap(bytes).putInt(writer).putLong(sequence);
    int shift = (int) ((sequence * 31 + writer) % SHIFTS);
    System.arraycopy(PATTERN, shift, bytes, FILLER, length - FILLER);
    fields.putInt(CRC, checksum(bytes, 0, length));
    return bytes;
  }

  /** What a record holds. */
  static StressMessage of(RecordView record) {
    int from = record.payloadOffset();
    int length = record.payloadLength();
    ByteBuffer fields = ByteBuffer.wrap(record.array());
    boolean whole =
        length >= LEAST_LENGTH
            && fields.getInt(from + CRC) == checksum(record.array(), from, length);
    return whole
        ? new StressMessage(fields.getInt(from), fields.getLong(from + Integer.BYTES))
        : BROKEN;
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, CRC);
    crc.update(bytes, from + FILLER, length - FILLER);
    return (int) crc.getValue();
  }
}
