package io.holdfast.engine.check;

import io.holdfast.engine.group.DoneLayout;
import io.holdfast.engine.group.HeadLayout;
import io.holdfast.engine.group.HeadSlot;
import io.holdfast.engine.group.SlotLayout;
import io.holdfast.engine.group.SlotState;
import io.holdfast.engine.group.SlotWord;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a group has done in one topic, read from its files by channel, without a lock. On a live
 * store the figures are those of the moments at which the files were read.
 *
 * @param group its name; {@code <group>.redrive} for the dead letters that the group has redriven,
 *     which are done, while those that are still there are not
 * @param topic the topic's name
 * @param lowWaterMark everything below it is done, as the head says
 * @param doneAbove messages at or above it that are done
 * @param running messages out with a consumer
 * @param retrying messages that wait for a retry
 * @param dying messages on their way to the dead letters
 * @param dead messages that ended as dead letters
 * @param lost messages that a damaged topic lost before they were done
 * @param expired messages that expired before they were done
 * @param dropped messages that retention or a limit took before they were done
 * @param cancelled messages that were cancelled before they were due
 * @param skipped messages that a seek passed over before they were done
 * @param problem what could not be read, or empty
 */
public record GroupView(
    String group,
    String topic,
    long lowWaterMark,
    long doneAbove,
    long running,
    long retrying,
    long dying,
    long dead,
    long lost,
    long expired,
    long dropped,
    long cancelled,
    long skipped,
    String problem) {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int CHUNK_BYTES = 64 * 1024;

  /**
   * All groups of a store on all their topics.
   *
   * @param store directory of the store
   * @return sorted by group, then topic
   */
  public static List<GroupView> of(Path store) {
    List<GroupView> views = new ArrayList<>();
    for (Path group : StoreView.directories(store.resolve("groups"))) {
      if (Files.exists(group.resolve("~deleted"), LinkOption.NOFOLLOW_LINKS)) {
        continue; // the next opening deletes what is left of it
      }
      for (Path topic : StoreView.directories(group)) {
        boolean state = Files.isRegularFile(topic.resolve("head"), LinkOption.NOFOLLOW_LINKS);
        if (state && !topic.getFileName().toString().contains("~")) {
          views.add(read(group.getFileName().toString(), topic));
        }
      }
    }
    return views;
  }

  /**
   * Messages that are not done.
   *
   * @param end one past the last message that counts
   * @return the lag
   */
  public long unfinished(long end) {
    return Math.max(0, end - lowWaterMark - doneAbove);
  }

  private static GroupView read(String group, Path directory) {
    String topic = directory.getFileName().toString();
    try {
      Path head = directory.resolve("head");
      UnsafeBuffer slot =
          HeadSlot.newest(new UnsafeBuffer(DurableFiles.read(head, 1 << 20)), head)
              .orElseThrow(
                  () -> new HoldfastException(head + ": neither slot has a valid checksum"));
      long mark = slot.getLong(HeadLayout.LOW_WATER_MARK, LE);
      long[] states = states(directory.resolve("slots"));
      return new GroupView(
          group,
          topic,
          mark,
          doneAbove(directory, mark),
          states[SlotState.RUNNING.ordinal()],
          states[SlotState.DELAYED.ordinal()],
          states[SlotState.DYING.ordinal()],
          slot.getLong(HeadLayout.DEAD, LE),
          Integer.toUnsignedLong(slot.getInt(HeadLayout.LOST, LE)),
          slot.getLong(HeadLayout.EXPIRED, LE),
          slot.getLong(HeadLayout.DROPPED, LE),
          slot.getLong(HeadLayout.CANCELLED, LE),
          slot.getLong(HeadLayout.SKIPPED, LE),
          "");
    } catch (HoldfastException | IOException e) {
      return new GroupView(
          group, topic, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, String.valueOf(e.getMessage()));
    }
  }

  private static long doneAbove(Path directory, long mark) throws IOException {
    long done = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.done")) {
      for (Path file : files) {
        long chunk = DoneLayout.chunkOf(file.getFileName().toString());
        long first = chunk << DoneLayout.OFFSETS_SHIFT;
        if (chunk >= 0 && first + DoneLayout.OFFSETS > mark) {
          done += bits(file, (int) Math.max(0, mark - first));
        }
      }
    }
    return done;
  }

  /** Bits that are set at or behind an index of a chunk. */
  private static long bits(Path chunk, int from) {
    byte[] content = DurableFiles.read(chunk, DoneLayout.CAPACITY);
    UnsafeBuffer buffer = new UnsafeBuffer(content);
    long bits = 0;
    for (int word = from >>> 6; word < DoneLayout.WORDS; word++) {
      int at = DoneLayout.BITS + word * Long.BYTES;
      if (at + Long.BYTES > content.length) {
        break;
      }
      long mask = word == from >>> 6 ? -1L << from : -1L;
      bits += Long.bitCount(buffer.getLong(at, LE) & mask);
    }
    return bits;
  }

  private static long[] states(Path file) throws IOException {
    long[] states = new long[16];
    ByteBuffer block = ByteBuffer.allocate(CHUNK_BYTES).order(LE);
    try (FileChannel channel = DurableFiles.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long at = SlotLayout.FIRST_BLOCK;
      while (at + SlotLayout.BLOCK <= size) {
        block.clear().limit(SlotLayout.DETAILS);
        while (block.hasRemaining() && channel.read(block, at + block.position()) >= 0) {
          // until the slots of the block are read
        }
        for (int slot = 0; slot < SlotLayout.BLOCK_SLOTS; slot++) {
          long word = block.getLong(slot * SlotLayout.SLOT + SlotLayout.WORD);
          states[SlotWord.state(word).ordinal()]++;
        }
        at += SlotLayout.BLOCK;
      }
    }
    return states;
  }
}
