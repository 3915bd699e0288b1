package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.holdfast.storage.error.OffsetDroppedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * What a script appended to a topic, message by message, and so what a crash may leave of it. The
 * same offset holds another message in each life, so that one of an earlier life is found out.
 *
 * <p>Appended to by the script's thread; {@link #promise} may be called from any.
 */
final class TopicHistory {
  private static final byte[] NO_ATTRIBUTES = new byte[0];
  /** Bytes of the shortest message: its tag. */
  static final int SHORTEST = 4;

  private static final int SHIFTS = 4_096;
  private static final byte[] PATTERN = new byte[128 * 1024];

  static {
    new Random(1).nextBytes(PATTERN);
  }

  private final String name;
  private final List<int[]> messages = new ArrayList<>(); // length and tag; script's thread
  private volatile int planned; // script's thread writes before it appends, watchers read
  private volatile TopicLog log; // script's thread writes once the topic is there, watchers read
  private volatile long begins; // script's thread writes what a drop gave back, watchers read
  private volatile long mayBegin; // script's thread writes before it drops, watchers read

  TopicHistory(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  TopicLog log() {
    return log;
  }

  void follow(TopicLog open) {
    log = open;
  }

  /** Appends one batch of messages of random lengths within bounds. */
  void append(Random random, int count, int shortest, int longest) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < count; i++) {
      int length = shortest + random.nextInt(longest - shortest + 1);
      int tag = random.nextInt();
      byte[] payload = payload(tag, length);
      if (batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length)) {
        messages.add(new int[] {length, tag});
      }
    }
    planned = messages.size();
    log.append(batch);
    assertEquals(messages.size(), log.endOffset());
  }

  /** Drops what lies whole segments below an offset. */
  void dropBefore(long offset) {
    mayBegin = Math.max(mayBegin, offset);
    begins = log.dropBefore(offset);
    assertTrue(begins <= mayBegin, () -> "dropped up to %d, not %d".formatted(begins, mayBegin));
    assertEquals(begins, log.firstOffset());
  }

  private static byte[] payload(int tag, int length) {
    ByteBuffer payload = ByteBuffer.allocate(length).putInt(tag);
    return payload.put(PATTERN, shift(tag), length - SHORTEST).array();
  }

  private static int shift(int tag) {
    return Math.floorMod(tag, SHIFTS);
  }

  private TopicHistory cutAt(long end) {
    TopicHistory cut = new TopicHistory(name);
    cut.messages.addAll(messages.subList(0, (int) end));
    cut.planned = (int) end;
    cut.begins = begins;
    cut.mayBegin = mayBegin;
    return cut;
  }

  /** What is promised now; whoever asks lets nothing be forced meanwhile. */
  Promise promise() {
    TopicLog open = log;
    return open == null
        ? new Promise(this, false, 0, 0, 0)
        : new Promise(this, true, begins, open.durableOffset(), open.endOffset());
  }

  /**
   * What a crash at one moment must leave of a topic.
   *
   * @param history its messages
   * @param exists whether its creation was confirmed
   * @param begins everything below it is gone for good
   * @param durable everything below it was forced
   * @param end everything below it was appended
   */
  record Promise(
      TopicHistory history, boolean exists, long begins, long durable, long end) {
    Promise durableOnly() {
      return new Promise(history, exists, begins, durable, durable);
    }

    /**
     * Compares with what is there.
     *
     * @param store opened after the crash
     * @param whole whether nothing was lost but the process
     * @param planned messages that had been appended, or almost, when the crash came
     * @return what is left, empty when the topic was never confirmed and is not there
     */
    Optional<TopicHistory> check(Store store, boolean whole, int planned) {
      Optional<TopicLog> found = store.topic(history.name);
      if (found.isEmpty()) {
        assertTrue(!exists, () -> "topic " + history.name + " is gone: " + store.recovery());
        return Optional.empty();
      }
      long least = whole ? end : durable;
      long left = found.get().endOffset();
      assertTrue(
          left >= least && left <= planned,
          () -> "expected %s to end at %d to %d, found %d: %s"
              .formatted(history.name, least, planned, left, store.recovery()));
      long first = found.get().firstOffset();
      assertTrue(
          first >= begins && first <= Math.max(begins, history.mayBegin),
          () -> "expected %s to begin at %d to %d, found %d: %s"
              .formatted(history.name, begins, history.mayBegin, first, store.recovery()));
      TopicHistory kept = history.cutAt(left);
      kept.begins = first;
      kept.checkMessages(found.get());
      kept.follow(found.get());
      return Optional.of(kept);
    }
  }

  int planned() {
    return planned;
  }

  /** Reads everything. */
  void checkMessages(TopicLog open) {
    int[] next = {(int) open.firstOffset()};
    try (LogReader reader = open.reader(next[0])) {
      while (reader.poll(record -> check(record, next[0]++), 1_000) > 0) {
        // until nothing more is visible
      }
    }
    assertEquals(messages.size(), next[0], name);
  }

  /** Reads on after something was done in the handler of the first message, as far as it goes. */
  void readAround(Runnable work) {
    int[] next = {(int) log.firstOffset()};
    int first = next[0];
    RecordHandler handler =
        record -> {
          check(record, next[0]++);
          if (record.offset() == first) {
            work.run();
          }
        };
    try (LogReader reader = log.reader(first)) {
      while (reader.poll(handler, 1_000) > 0) {
        // until nothing more is visible
      }
    } catch (OffsetDroppedException e) {
      assertTrue(next[0] < log.firstOffset(), e.getMessage());
    }
  }

  private void check(RecordView record, int offset) {
    int[] message = messages.get(offset);
    int from = record.payloadOffset();
    int to = from + record.payloadLength();
    int shift = shift(message[1]);
    int shiftTo = shift + message[0] - SHORTEST;
    byte[] found = record.array();
    if (record.offset() != offset
        || record.payloadLength() != message[0]
        || ByteBuffer.wrap(found).getInt(from) != message[1]
        || !Arrays.equals(found, from + SHORTEST, to, PATTERN, shift, shiftTo)) {
      fail("expected message %d of %s as appended, found %s".formatted(offset, name, record));
    }
  }
}
