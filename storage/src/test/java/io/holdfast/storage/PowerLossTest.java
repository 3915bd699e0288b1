package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power of stores under random scripts: whatever subset of the pages that were not forced
 * the device has, a topic is a gap-free prefix of what was appended, at least up to its durable
 * point. Also cuts again inside recovery, and in the life after it.
 *
 * <p>{@code -Dholdfast.powerloss.states=n} asks for more states, {@code
 * -Dholdfast.powerloss.seed=n} replays a run.
 */
class PowerLossTest {
  private static final int CUTS = 6;
  private static final int MAX_DEPTH = 3;

  private final long seed = Long.getLong("holdfast.powerloss.seed", System.nanoTime());
  private final int wanted = Integer.getInteger("holdfast.powerloss.states", 1_000);
  private Random random;
  private long script;
  private int states;
  private int made;

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  /** What was appended, by offset: payload lengths and a tag that differs in each life. */
  private static final class History {
    private final List<int[]> messages = new ArrayList<>();
    private long confirmed;

    History cutAt(long end) {
      History cut = new History();
      cut.messages.addAll(messages.subList(0, (int) end));
      return cut;
    }

    byte[] payload(int offset) {
      int[] message = messages.get(offset);
      return LogFixture.message(message[1], message[0]);
    }
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void whateverThePowerCutLeavesIsAPrefixThatHoldsWhatWasConfirmed() {
    System.out.printf("PowerLossTest: -Dholdfast.powerloss.seed=%d%n", seed);
    for (script = 0; states < wanted; script++) {
      random = new Random(seed + script);
      Durability durability =
          random.nextInt(3) > 0 ? Durability.powerLoss() : Durability.processCrash();
      Path directory = fresh();
      try (Store store = LogFixture.open(directory)) {
        TopicLog log = store.createTopic("t", LogFixture.small(durability));
        History history = new History();
        DiskImage device = DiskImage.read(directory);
        if (random.nextBoolean()) {
          fillAlmost(log, history);
          device = device.forced(DiskImage.read(directory));
        }
        live(store, directory, history, device, 0);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(where() + ": " + e, e);
      }
      delete(directory);
    }
    System.out.printf("PowerLossTest: %d states of %d scripts%n", states, script);
  }

  private String where() {
    return "-Dholdfast.powerloss.seed=" + (seed + script) + " (first script)";
  }

  /** So that the first roll is near. */
  private void fillAlmost(TopicLog log, History history) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < 10; i++) {
      int length = 90_000 + random.nextInt(10_000);
      history.messages.add(new int[] {length, i});
      batch.clear();
      batch.add(new byte[0], 0, history.payload(i), 0, length);
      log.append(batch);
    }
    log.force(log.endOffset());
  }

  /** Appends, forces, rolls; cuts the power now and then. */
  private void live(Store store, Path directory, History history, DiskImage device, int depth) {
    TopicLog log = store.topic("t").orElseThrow();
    history.confirmed = log.durableOffset();
    DiskImage durable = device;
    boolean large = random.nextBoolean();
    int steps = 1 + random.nextInt(depth == 0 ? 15 : 5);
    for (int step = 0; step < steps; step++) {
      // A roll needs no agent where the next segment is there: then its own forces can be held up.
      boolean held = Files.exists(next(log, directory)) && random.nextInt(3) > 0;
      Semaphore agent = new Semaphore(0);
      if (held) {
        store.executeOnAgent(agent::acquireUninterruptibly);
      }
      try {
        long before = last(log);
        append(log, history, large);
        boolean rolled = last(log) > before;
        if (random.nextInt(rolled ? 6 : 3) == 0) {
          log.force(log.endOffset() - random.nextInt(2));
          settle(store, held);
          durable = durable.forced(DiskImage.read(directory));
        }
        if (random.nextInt(rolled ? 2 : 8) == 0 || step == steps - 1) {
          settle(store, held);
          history.confirmed = log.durableOffset();
          cutThePower(durable, DiskImage.read(directory), history, depth);
        }
      } finally {
        agent.release();
      }
      settle(store, false);
    }
  }

  private void cutThePower(DiskImage durable, DiskImage now, History history, int depth) {
    for (int cut = depth == 0 ? CUTS : 1; cut > 0; cut--) {
      int unit = random.nextInt(3) == 0 ? 512 : 4096;
      double[] shares = {0, 0.1, 0.5, 0.9, random.nextDouble(), 1};
      double share = shares[random.nextInt(shares.length)];
      recover(durable.cut(now, unit, share, random), history, share == 1, depth);
    }
  }

  private static Path next(TopicLog log, Path directory) {
    return DiskFixture.segment(directory, "t", last(log) + 1);
  }

  private static long last(TopicLog log) {
    return log.segments().ofOffset(Long.MAX_VALUE).number();
  }

  /** Has the agent do what it was given, unless it is held. */
  private static void settle(Store store, boolean held) {
    if (!held) {
      store.onAgent(() -> null);
    }
  }

  private void append(TopicLog log, History history, boolean large) {
    RecordBatch batch = log.newBatch();
    for (int i = 1 + random.nextInt(large ? 8 : 30); i > 0; i--) {
      int length = 20 + random.nextInt(random.nextInt(4) == 0 ? large ? 90_000 : 6_000 : 300);
      int tag = random.nextInt(1 << 20);
      byte[] payload = LogFixture.message(tag, length);
      if (batch.add(new byte[0], 0, payload, 0, payload.length)) {
        history.messages.add(new int[] {length, tag});
      }
    }
    log.append(batch);
    assertEquals(history.messages.size(), log.endOffset());
  }

  private void recover(DiskImage state, History history, boolean everything, int depth) {
    states++;
    Path directory = fresh();
    state.write(directory);
    long end;
    History kept;
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      end = log.endOffset();
      assertTrue(
          end >= history.confirmed && end <= history.messages.size(),
          () -> "confirmed %d, appended %d, found %d: %s".formatted(
              history.confirmed, history.messages.size(), log.endOffset(), store.recovery()));
      if (everything) {
        assertEquals(history.messages.size(), end, "nothing was lost by the device");
      }
      kept = history.cutAt(end);
      checkMessages(log, kept);
      int next = depth < MAX_DEPTH ? random.nextInt(6) : 6;
      if (next < 2) {
        int unit = random.nextInt(3) == 0 ? 512 : 4096;
        DiskImage after = DiskImage.read(directory);
        recover(state.cutInRecovery(after, unit, random), upTo(history, end), false, depth + 1);
      }
      if (next < 4) {
        live(store, directory, kept, DiskImage.read(directory), depth + 1);
      } else {
        append(log, kept, false);
        log.force(log.endOffset());
      }
    }
    try (Store store = LogFixture.open(directory)) {
      TopicRecovery recovery = store.recovery().get(0);
      assertEquals(TopicRecovery.Outcome.CLEAN, recovery.outcome(), recovery.detail());
      assertEquals(kept.messages.size(), recovery.endOffset());
      checkMessages(store.topic("t").orElseThrow(), kept);
    }
    delete(directory);
  }

  /** A crash inside recovery may bring nothing back, and lose nothing that was confirmed. */
  private static History upTo(History history, long end) {
    History cut = history.cutAt(end);
    cut.confirmed = history.confirmed;
    return cut;
  }

  private static void checkMessages(TopicLog log, History history) {
    int[] next = {(int) log.firstOffset()};
    try (LogReader reader = log.reader(next[0])) {
      while (reader.poll(record -> check(record, next[0]++, history), 1_000) > 0) {
        // until nothing more is visible
      }
    }
    assertEquals(history.messages.size(), next[0]);
  }

  private static void check(RecordView record, int offset, History history) {
    byte[] expected = history.payload(offset);
    int from = record.payloadOffset();
    int to = from + record.payloadLength();
    if (record.offset() != offset
        || !Arrays.equals(expected, 0, expected.length, record.array(), from, to)) {
      fail("expected message " + offset + " as appended, found " + record);
    }
  }

  private Path fresh() {
    return temporary.resolve("store" + made++);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
