package io.holdfast.engine.group;

import io.holdfast.storage.file.MappedRegion;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
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
      Counts counts,
      long seekTo,
      long droppedTo,
      int topic,
      int writerEpoch) {
    /** No seek is under way. */
    static final long NO_SEEK = -1;

    /** The same, of a group that is done with all below an offset and with nothing above. */
    Content at(long offset) {
      long dropped = Math.min(droppedTo, offset);
      return new Content(offset, offset, offset, counts, seekTo, dropped, topic, writerEpoch);
    }

    /** The same, of a group that nothing was dropped from at or above an offset. */
    Content droppedBelow(long offset) {
      long dropped = Math.min(droppedTo, offset);
      return new Content(
          lowWaterMark, nextOffset, done, counts, seekTo, dropped, topic, writerEpoch);
    }

    /** The same, where another seek is under way, or none. */
    Content seekingTo(long offset) {
      return new Content(
          lowWaterMark, nextOffset, done, counts, offset, droppedTo, topic, writerEpoch);
    }
  }

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
    Optional<UnsafeBuffer> found = HeadSlot.newest(region.buffer(), file);
    if (found.isEmpty()) {
      throw GroupFiles.damaged(file, "neither of its two slots has a valid checksum");
    }
    UnsafeBuffer newest = found.get();
    sequence = newest.getLong(HeadLayout.SEQUENCE, LE);
    return new Content(
        newest.getLong(HeadLayout.LOW_WATER_MARK, LE),
        newest.getLong(HeadLayout.NEXT_OFFSET, LE),
        newest.getLong(HeadLayout.DONE, LE),
        new Counts(
            newest.getLong(HeadLayout.DEAD, LE),
            newest.getLong(HeadLayout.PARKED, LE),
            newest.getInt(HeadLayout.LOST, LE) & 0xFFFF_FFFFL,
            newest.getLong(HeadLayout.EXPIRED, LE),
            newest.getLong(HeadLayout.DROPPED, LE),
            newest.getLong(HeadLayout.CANCELLED, LE),
            newest.getLong(HeadLayout.SKIPPED, LE)),
        newest.getLong(HeadLayout.SEEK_TO, LE) - 1,
        newest.getLong(HeadLayout.DROPPED_TO, LE),
        newest.getInt(HeadLayout.TOPIC, LE),
        newest.getInt(HeadLayout.WRITER_EPOCH, LE));
  }

  /**
   * Writes the older slot of a file of this format. A crash in here leaves the newer one, which is
   * as true as before.
   */
  void write(Content content) {
    byte[] bytes = new byte[HeadLayout.SLOT];
    UnsafeBuffer slot = new UnsafeBuffer(bytes);
    Counts counts = content.counts();
    slot.putLong(HeadLayout.SEQUENCE, sequence + 1, LE);
    slot.putLong(HeadLayout.LOW_WATER_MARK, content.lowWaterMark(), LE);
    slot.putLong(HeadLayout.NEXT_OFFSET, content.nextOffset(), LE);
    slot.putLong(HeadLayout.DONE, content.done(), LE);
    slot.putLong(HeadLayout.DEAD, counts.dead(), LE);
    slot.putLong(HeadLayout.PARKED, counts.parked(), LE);
    slot.putInt(HeadLayout.TOPIC, content.topic(), LE);
    slot.putInt(HeadLayout.WRITER_EPOCH, content.writerEpoch(), LE);
    slot.putInt(HeadLayout.LOST, (int) Math.min(counts.lost(), 0xFFFF_FFFFL), LE);
    slot.putLong(HeadLayout.EXPIRED, counts.expired(), LE);
    slot.putLong(HeadLayout.DROPPED, counts.dropped(), LE);
    slot.putLong(HeadLayout.CANCELLED, counts.cancelled(), LE);
    slot.putLong(HeadLayout.SEEK_TO, content.seekTo() + 1, LE);
    slot.putLong(HeadLayout.SKIPPED, counts.skipped(), LE);
    slot.putLong(HeadLayout.DROPPED_TO, content.droppedTo(), LE);
    HeadSlot.seal(bytes);
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
}
