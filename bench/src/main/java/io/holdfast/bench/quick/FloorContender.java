package io.holdfast.bench.quick;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the hardware allows: one producer that writes records of Holdfast's size, sum and header
 * into files that are ready, and one consumer that checks them. No lock, index, roll, durability,
 * recovery or clock. Frozen: it shares no code with the product.
 */
final class FloorContender implements Contender {
  private static final int MAX_RECORD = 1 << 20;

  private final FloorRing ring;

  FloorContender(Path directory, long bytes) {
    ring = new FloorRing(directory, bytes);
  }

  @Override
  public Producer producer() {
    return new Writer(ring);
  }

  @Override
  public Consumer consumer() {
    return new Reader(ring);
  }

  @Override
  public void close() {
    // The maps go with the JVM, as every run has its own.
  }

  /** Writes records. */
  private static final class Writer implements Producer {
    private final FloorRing ring;
    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[MAX_RECORD];
    private final UnsafeBuffer scratchBuffer = new UnsafeBuffer(scratch);
    private UnsafeBuffer file;
    private long number;
    private int position;
    private long offset;

    Writer(FloorRing ring) {
      this.ring = ring;
      this.file = ring.file(0);
    }

    @Override
    public void append(byte[] payload) {
      int size = payload.length;
      int length = FloorRing.HEADER + size;
      int end = position + FloorRing.aligned(length);
      if (end + Long.BYTES > FloorRing.FILE_BYTES) {
        goOn();
        end = position + FloorRing.aligned(length);
      }
      System.arraycopy(payload, 0, scratch, 0, size);
      ByteOrder le = ByteOrder.LITTLE_ENDIAN;
      scratchBuffer.putLong(size, FloorRing.salt(number), le);
      scratchBuffer.putLong(size + 8, (long) length << 32 | position, le);
      scratchBuffer.putLong(size + 16, 1L << 32, le);
      scratchBuffer.putLong(size + 24, offset, le);
      scratchBuffer.putLong(size + 32, 0, le);
      crc.reset();
      crc.update(scratch, 0, size + FloorRing.PLACE);
      file.putBytes(position + 8, scratch, size + 16, FloorRing.HEADER_REST);
      file.putBytes(position + FloorRing.HEADER, scratch, 0, size);
      file.putLong(end, FloorRing.EMPTY);
      file.putLongRelease(position, crc.getValue() << 32 | length);
      position = end;
      offset++;
    }

    private void goOn() {
      UnsafeBuffer next = ring.file(number + 1);
      next.putLongRelease(0, FloorRing.EMPTY);
      file.putLongRelease(position, FloorRing.GOES_ON);
      file = next;
      number++;
      position = 0;
    }
  }

  /** Reads records, each copied once and summed. */
  private static final class Reader implements Consumer {
    private final FloorRing ring;
    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[MAX_RECORD];
    private final UnsafeBuffer scratchBuffer = new UnsafeBuffer(scratch);
    private UnsafeBuffer file;
    private long number;
    private int position;

    Reader(FloorRing ring) {
      this.ring = ring;
      this.file = ring.file(0);
    }

    @Override
    public int poll(Handler handler, int limit) {
      int handled = 0;
      while (handled < limit) {
        long word = file.getLongVolatile(position);
        if (word == FloorRing.GOES_ON) {
          number++;
          file = ring.file(number);
          position = 0;
        } else if (word == FloorRing.EMPTY) {
          return handled;
        } else {
          int size = copy(word);
          handler.onMessage(scratchBuffer, 0, size);
          handled++;
        }
      }
      return handled;
    }

    private int copy(long word) {
      int length = (int) word;
      int size = length - FloorRing.HEADER;
      if (size < 0 || size + FloorRing.PLACE > MAX_RECORD) {
        throw new IllegalStateException("floor: a length of " + length + " at " + position);
      }
      ByteOrder le = ByteOrder.LITTLE_ENDIAN;
      file.getBytes(position + FloorRing.HEADER, scratch, 0, size);
      scratchBuffer.putLong(size, FloorRing.salt(number), le);
      scratchBuffer.putLong(size + 8, (long) length << 32 | position, le);
      file.getBytes(position + 8, scratch, size + 16, FloorRing.HEADER_REST);
      crc.reset();
      crc.update(scratch, 0, size + FloorRing.PLACE);
      if (crc.getValue() != word >>> 32) {
        throw new IllegalStateException("floor: a wrong sum at " + position);
      }
      position += FloorRing.aligned(length);
      return size;
    }

    @Override
    public void close() {
      // The maps go with the JVM.
    }
  }
}
