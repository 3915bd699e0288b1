package io.holdfast.storage.history;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * What a message says of itself in its payload: who sent it, as which one. A checksum over the
 * whole payload tells bytes that no writer sent.
 *
 * @param writer number of the one who sent it
 * @param sequence 0, 1, 2, ... for each writer
 */
public record Stamp(int writer, long sequence) {
  /** Bytes of the shortest payload. */
  public static final int LEAST_LENGTH = 20;

  /** What comes of bytes that no writer sent. */
  public static final Stamp BROKEN = new Stamp(-1, -1);

  private static final int CRC = Integer.BYTES + Long.BYTES;
  private static final int FILLER = CRC + Integer.BYTES;
  private static final int SHIFTS = 1_009;
  private static final int LONGEST_FILLER = 16 * 1024;
  private static final byte[] PATTERN = new byte[LONGEST_FILLER + SHIFTS];

  static {
    new Random(1).nextBytes(PATTERN);
  }

  /**
   * A payload with the stamp.
   *
   * @param length of it, {@link #LEAST_LENGTH} bytes to 16 KiB
   * @return a new array
   */
  public byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    ByteBuffer fields = ByteBuffer.wrap(bytes).putInt(writer).putLong(sequence);
    int shift = (int) ((sequence * 31 + writer) % SHIFTS);
    System.arraycopy(PATTERN, shift, bytes, FILLER, length - FILLER);
    fields.putInt(CRC, checksum(bytes, 0, length));
    return bytes;
  }

  /**
   * The stamp of a payload.
   *
   * @param array that holds it
   * @param from where it begins
   * @param length of it
   * @return {@link #BROKEN} where the checksum does not match
   */
  public static Stamp of(byte[] array, int from, int length) {
    ByteBuffer fields = ByteBuffer.wrap(array);
    boolean whole =
        length >= LEAST_LENGTH && fields.getInt(from + CRC) == checksum(array, from, length);
    return whole
        ? new Stamp(fields.getInt(from), fields.getLong(from + Integer.BYTES))
        : BROKEN;
  }

  /**
   * The stamp of a payload that fills its array.
   *
   * @param payload of a message
   * @return {@link #BROKEN} where the checksum does not match
   */
  public static Stamp of(byte[] payload) {
    return of(payload, 0, payload.length);
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, CRC);
    crc.update(bytes, from + FILLER, length - FILLER);
    return (int) crc.getValue();
  }
}
