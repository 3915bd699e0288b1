package io.holdfast.bench.quick;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What an append does under its lock, and nothing else: 96 bytes into memory that goes round, a sum
 * of 40 bytes, a zero behind the record, one release store, and the end published.
 */
final class LockedLog {
  static final int PAYLOAD = 64;

  private static final int CAPACITY = 64 << 20;
  private static final int PAGE = 4096;
  private static final int RECORD = FloorRing.HEADER + PAYLOAD;
  private static final int PER_ROUND = CAPACITY / RECORD - 1;
  private static final int APART = 16; // longs: two cache lines

  private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));

  /** At APART how many were put: who puts writes (release), the reader reads (acquire). */
  private final AtomicLongArray published = new AtomicLongArray(2 * APART);

  private final Place place = new Place();

  LockedLog() {
    for (int page = 0; page < CAPACITY; page += PAGE) {
      memory.putByte(page, (byte) 0);
    }
  }

  /** What is summed under the lock; guarded by it. */
  private static final class Place {
    private final byte[] bytes = new byte[FloorRing.PLACE];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final CRC32C crc = new CRC32C();
    private long count;
  }

  /** A payload with its sum, made before the lock. For one thread. */
  static final class Body {
    private final byte[] bytes = new byte[PAYLOAD];
    private final CRC32C crc = new CRC32C();
    private long sum;

    /** Takes a payload over. */
    void fill(byte[] payload) {
      System.arraycopy(payload, 0, bytes, 0, PAYLOAD);
      crc.reset();
      crc.update(bytes, 0, PAYLOAD);
      sum = crc.getValue();
    }
  }

  /** Puts a record. The caller holds the lock. */
  void put(Body body) {
    long count = place.count;
    int position = position(count);
    place.buffer.putLong(0, (long) RECORD << 32 | position, ByteOrder.LITTLE_ENDIAN);
    place.buffer.putLong(Long.BYTES, count, ByteOrder.LITTLE_ENDIAN);
    place.crc.reset();
    place.crc.update(place.bytes);
    memory.putBytes(position + Long.BYTES, place.bytes, 0, FloorRing.HEADER_REST);
    memory.putBytes(position + FloorRing.HEADER, body.bytes, 0, PAYLOAD);
    memory.putLong(position + RECORD, 0);
    memory.putLongRelease(position, (place.crc.getValue() ^ body.sum) << 32 | RECORD);
    place.count = count + 1;
    published.setRelease(APART, count + 1);
  }

  private static int position(long count) {
    return (int) (count % PER_ROUND) * RECORD;
  }

  /** How many records were put. */
  long published() {
    return published.getAcquire(APART);
  }

  /** Copies and sums a record, as a reader does; what was overwritten meanwhile is not noticed. */
  long read(long number, byte[] scratch, CRC32C crc) {
    memory.getBytes(position(number), scratch, 0, RECORD);
    crc.reset();
    crc.update(scratch, 0, RECORD);
    return crc.getValue();
  }

  /** Bytes that {@link #read} needs. */
  static byte[] scratch() {
    return new byte[RECORD];
  }
}
