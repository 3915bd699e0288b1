package io.holdfast.engine.delay;

import io.holdfast.storage.file.MappedRegion;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Fills the file of a run, entry by entry. One thread at a time. */
final class DelayRunWriter {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private final MappedRegion region;
  private byte[] block = new byte[DelayRunLayout.BLOCK];
  private int entries; // in the block
  private int number; // of the block

  DelayRunWriter(MappedRegion region) {
    this.region = region;
  }

  void add(long due, long offset) {
    if (entries == DelayRunLayout.BLOCK_ENTRIES) {
      end();
    }
    UnsafeBuffer buffer = new UnsafeBuffer(block);
    int at = entries * DelayRunLayout.ENTRY;
    buffer.putLong(at, due, LE);
    buffer.putLong(at + DelayRunLayout.OFFSET, offset, LE);
    entries++;
  }

  /** Writes the block; at the end the last one. */
  void end() {
    UnsafeBuffer buffer = new UnsafeBuffer(block);
    buffer.putLong(DelayRunLayout.NUMBER, number, LE);
    buffer.putInt(DelayRunLayout.ENTRIES, entries, LE);
    buffer.putInt(DelayRunLayout.CRC, DelayRun.checksum(block), LE);
    int at = DelayRunLayout.BLOCKS + number * DelayRunLayout.BLOCK;
    region.buffer().putBytes(at, block);
    block = new byte[DelayRunLayout.BLOCK];
    entries = 0;
    number++;
  }
}
