package io.holdfast.bench.quick;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What makes the payload of a message its own: producer, sequence, and a mark in each cache line,
 * so that whoever checks it has touched all of it. Cheap, because the same cost is added to every
 * contender and would hide what they differ in. One instance a producer.
 *
 * <pre>
 *  0 i64 sequence   of this producer: 0, 1, 2, ...
 *  8 i64 producer   0, 1, ...
 * 64 i64 mark + 1   then at 128: mark + 2, and so on
 * last 8 bytes      the mark, made of sequence, producer and length
 * </pre>
 */
final class Stamp {
  /** Payloads are multiples of this. */
  static final int LINE = 64;

  /** What {@link #sequence} gives for a payload that is not as it was sent. */
  static final long CORRUPT = -1;

  private static final int PRODUCER = 8;
  private static final long ODD = 0x9E37_79B9_7F4A_7C15L;

  private final byte[] bytes;
  private final UnsafeBuffer buffer;
  private final long producer;

  Stamp(int size, long producer) {
    if (size < LINE || size % LINE != 0) {
      throw new IllegalArgumentException(
          "payload: expected a multiple of 64 bytes, found " + size);
    }
    this.bytes = new byte[size];
    this.buffer = new UnsafeBuffer(bytes);
    this.producer = producer;
    buffer.putLong(PRODUCER, producer, ByteOrder.LITTLE_ENDIAN);
  }

  /** The payload of a message; the next call changes it. */
  byte[] number(long sequence) {
    long mark = mark(sequence, producer, bytes.length);
    buffer.putLong(0, sequence, ByteOrder.LITTLE_ENDIAN);
    for (int line = LINE; line < bytes.length; line += LINE) {
      buffer.putLong(line, mark + line, ByteOrder.LITTLE_ENDIAN);
    }
    buffer.putLong(bytes.length - Long.BYTES, mark, ByteOrder.LITTLE_ENDIAN);
    return bytes;
  }

  /** The producer of a payload that was received; only of one that is whole. */
  static long producer(DirectBuffer from, int offset) {
    return from.getLong(offset + PRODUCER, ByteOrder.LITTLE_ENDIAN);
  }

  /** The sequence number of a payload that was received, or {@link #CORRUPT}. */
  static long sequence(DirectBuffer from, int offset, int length, int expectedLength) {
    if (length != expectedLength) {
      return CORRUPT;
    }
    long sequence = from.getLong(offset, ByteOrder.LITTLE_ENDIAN);
    long mark = mark(sequence, producer(from, offset), length);
    long wrong =
        from.getLong(offset + length - Long.BYTES, ByteOrder.LITTLE_ENDIAN) ^ mark;
    for (int line = LINE; line < length; line += LINE) {
      wrong |= from.getLong(offset + line, ByteOrder.LITTLE_ENDIAN) ^ mark + line;
    }
    return wrong == 0 && sequence >= 0 ? sequence : CORRUPT;
  }

  private static long mark(long sequence, long producer, int length) {
    long mixed = (sequence + 1) * ODD ^ (producer << 32 | length);
    return mixed ^ mixed >>> 29;
  }
}
