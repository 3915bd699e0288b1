package io.holdfast.engine.delay;

import io.holdfast.engine.error.DamagedDelaysException;
import io.holdfast.storage.file.MappedRegion;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One run of delayed messages, mapped: in the page cache and not on the heap. It never changes. See
 * {@link DelayRunLayout}. The lock of the index is held for every call, but by the agent, which
 * alone makes and closes runs.
 */
final class DelayRun implements DelayEntries, AutoCloseable {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private final long number;
  private final Path file;
  private final MappedRegion region;
  private final UnsafeBuffer buffer;
  private final int size;
  private final BitSet checked = new BitSet(); // blocks whose checksum was found right

  /** Takes a region over whose last block says how many entries there are. */
  DelayRun(long number, Path file, MappedRegion region) {
    this.number = number;
    this.file = file;
    this.region = region;
    this.buffer = region.buffer();
    int blocks = (int) ((region.capacity() - DelayRunLayout.BLOCKS) / DelayRunLayout.BLOCK);
    int last = entriesOf(blocks - 1);
    if (last < 1 || last > DelayRunLayout.BLOCK_ENTRIES) {
      throw damaged(blocks - 1);
    }
    this.size = (blocks - 1) * DelayRunLayout.BLOCK_ENTRIES + last;
  }

  long number() {
    return number;
  }

  Path file() {
    return file;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long due(int index) {
    return buffer.getLong(DelayRunLayout.entry(index), LE);
  }

  @Override
  public long offset(int index) {
    return buffer.getLong(DelayRunLayout.entry(index) + DelayRunLayout.OFFSET, LE);
  }

  /**
   * Checks the block of an entry, once; the lock is held.
   *
   * @throws DamagedDelaysException when it is not what was written
   */
  void check(int index) {
    int block = index / DelayRunLayout.BLOCK_ENTRIES;
    if (!checked.get(block)) {
      checkNow(block);
      checked.set(block);
    }
  }

  /** Checks a block that {@code index} is the first entry of. */
  void checkFirst(int index) {
    if (index % DelayRunLayout.BLOCK_ENTRIES == 0) {
      checkNow(index / DelayRunLayout.BLOCK_ENTRIES);
    }
  }

  private void checkNow(int block) {
    int rest = size - block * DelayRunLayout.BLOCK_ENTRIES;
    int expected = Math.min(rest, DelayRunLayout.BLOCK_ENTRIES);
    if (entriesOf(block) != expected || !isWhole(buffer, block)) {
      throw damaged(block);
    }
  }

  /** Whether a block has the right number and checksum. */
  static boolean isWhole(UnsafeBuffer file, int block) {
    byte[] copy = new byte[DelayRunLayout.BLOCK]; // a fault in a sum over the map kills the JVM
    int at = DelayRunLayout.BLOCKS + block * DelayRunLayout.BLOCK;
    file.getBytes(at, copy);
    UnsafeBuffer whole = new UnsafeBuffer(copy);
    return whole.getLong(DelayRunLayout.NUMBER, LE) == block
        && whole.getInt(DelayRunLayout.CRC, LE) == checksum(copy);
  }

  static int checksum(byte[] block) {
    CRC32C crc = new CRC32C();
    crc.update(block, 0, DelayRunLayout.CRC);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    region.close();
  }

  private int entriesOf(int block) {
    int at = DelayRunLayout.BLOCKS + block * DelayRunLayout.BLOCK;
    return buffer.getInt(at + DelayRunLayout.ENTRIES, LE);
  }

  private DamagedDelaysException damaged(int block) {
    return new DamagedDelaysException(
        file + ": block " + block + " is not what was written there. No message is lost: close the"
            + " engine and open it again, then the topic is read for its delayed messages");
  }
}
