package io.holdfast.engine.group;

import io.holdfast.storage.file.MappedRegion;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The head of a group's state on one topic: where to begin at open. See {@link HeadLayout}.
 *
 * <p>The two slots are written in turn, so that a torn write leaves the one before it. Not
 * thread-safe: the lock of the group and topic is held for every call but {@link #force()}.
 */
final class HeadFile implements AutoCloseable {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private final MappedRegion region;
  private long sequence;

  /** Takes the region over; its header block has been checked or written. */
  HeadFile(MappedRegion region) {
    this.region = region;
  }

  /** What a slot of the head holds. */
  record Content(
      long lowWaterMark,
      long nextOffset,
      long done,
      long dead,
      long parked,
      long lost,
      int topic,
      int writerEpoch) {}

  /**
   * Reads the newer valid slot.
   *
   * @throws io.holdfast.engine.error.DamagedGroupException when neither is valid
   */
  Content read(Path file) {
    if (region.capacity() < HeadLayout.CAPACITY) {
      throw GroupFiles.damaged(
          file, "it has " + region.capacity() + " bytes, not " + HeadLayout.CAPACITY);
    }
    UnsafeBuffer newest = null;
    sequence = 0;
    for (int i = 0; i < HeadLayout.SLOTS; i++) {
      byte[] copy = new byte[HeadLayout.SLOT];
      region.buffer().getBytes(HeadLayout.slot(i), copy);
      UnsafeBuffer slot = new UnsafeBuffer(copy);
      long found = slot.getLong(HeadLayout.SEQUENCE, LE);
      if (found > sequence && slot.getInt(HeadLayout.CRC, LE) == checksum(copy)) {
        sequence = found;
        newest = slot;
      }
    }
    if (newest == null) {
      throw GroupFiles.damaged(file, "neither of its two slots has a valid checksum");
    }
    return new Content(
        newest.getLong(HeadLayout.LOW_WATER_MARK, LE),
        newest.getLong(HeadLayout.NEXT_OFFSET, LE),
        newest.getLong(HeadLayout.DONE, LE),
        newest.getLong(HeadLayout.DEAD, LE),
        newest.getLong(HeadLayout.PARKED, LE),
        newest.getInt(HeadLayout.LOST, LE) & 0xFFFF_FFFFL,
        newest.getInt(HeadLayout.TOPIC, LE),
        newest.getInt(HeadLayout.WRITER_EPOCH, LE));
  }

  /** Writes the older slot. A crash in here leaves the newer one, which is as true as before. */
  void write(Content content) {
    byte[] bytes = new byte[HeadLayout.SLOT];
    UnsafeBuffer slot = new UnsafeBuffer(bytes);
    slot.putLong(HeadLayout.SEQUENCE, sequence + 1, LE);
    slot.putLong(HeadLayout.LOW_WATER_MARK, content.lowWaterMark(), LE);
    slot.putLong(HeadLayout.NEXT_OFFSET, content.nextOffset(), LE);
    slot.putLong(HeadLayout.DONE, content.done(), LE);
    slot.putLong(HeadLayout.DEAD, content.dead(), LE);
    slot.putLong(HeadLayout.PARKED, content.parked(), LE);
    slot.putInt(HeadLayout.TOPIC, content.topic(), LE);
    slot.putInt(HeadLayout.WRITER_EPOCH, content.writerEpoch(), LE);
    slot.putInt(HeadLayout.LOST, (int) Math.min(content.lost(), 0xFFFF_FFFFL), LE);
    slot.putInt(HeadLayout.CRC, checksum(bytes), LE);
    sequence++;
    region.buffer().putBytes(HeadLayout.slot((int) (sequence & 1)), bytes);
  }

  /** Forces both slots; any thread while the file is not closed. */
  void force() {
    region.force();
  }

  @Override
  public void close() {
    region.close();
  }

  private static int checksum(byte[] slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot, 0, HeadLayout.CRC);
    return (int) crc.getValue();
  }
}
