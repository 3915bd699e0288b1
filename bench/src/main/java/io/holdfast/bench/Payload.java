package io.holdfast.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * The payload of one message of a run: it carries the message's sequence number and a check of its
 * own bytes. Belongs to one thread.
 *
 * <pre>
 *  0 u32 crc32c     of everything behind it
 *  4 i32 length     bytes of the payload
 *  8 i64 sequence   0, 1, 2, ...
 * 16     filler     the same noise in each message of a run
 * </pre>
 */
final class Payload {
  /** Fewest bytes: what carries sequence and check. */
  static final int MIN_BYTES = 16;

  /** What {@link #sequence} gives for a payload that is not as it was sent. */
  static final long CORRUPT = -1;

  private static final int CRC = 0;
  private static final int LENGTH = 4;
  private static final int SEQUENCE = 8;
  private static final int SEED = 20;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final CRC32C crc = new CRC32C();
  private final byte[] bytes;

  /** A payload of a size, at least {@link #MIN_BYTES}. */
  Payload(int size) {
    bytes = new byte[size];
    new SplittableRandom(SEED).nextBytes(bytes);
    INT.set(bytes, LENGTH, size);
  }

  /** Makes it the payload of a message. */
  void number(long sequence) {
    LONG.set(bytes, SEQUENCE, sequence);
    INT.set(bytes, CRC, check(bytes, 0, bytes.length));
  }

  /** The bytes; the next {@link #number} changes them. */
  byte[] bytes() {
    return bytes;
  }

  /** The sequence number of a payload that was received, or {@link #CORRUPT}. */
  long sequence(byte[] array, int offset, int length) {
    if (length != bytes.length
        || (int) INT.get(array, offset + LENGTH) != length
        || (int) INT.get(array, offset + CRC) != check(array, offset, length)) {
      return CORRUPT;
    }
    return (long) LONG.get(array, offset + SEQUENCE);
  }

  private int check(byte[] array, int offset, int length) {
    crc.reset();
    crc.update(array, offset + LENGTH, length - LENGTH);
    return (int) crc.getValue();
  }
}
