package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Message;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.group.HeadLayout;
import io.holdfast.engine.group.HeadSlot;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A seek back and a seek forth, cut at every call: the group is where it was, or moved, and nothing
 * in between; and where a seek has returned, it is moved.
 *
 * <p>{@code -Dholdfast.crash.choices=n} opens all states of moments with up to n things that the
 * device may have or not (at most 20); of other moments some are opened.
 */
class SeekCrashTest {
  private static final int SOME = 6;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private final int choices = Integer.getInteger("holdfast.crash.choices", 6);
  private final AtomicInteger states = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();

  /** How far the script has come. */
  private enum Step {
    BEFORE,
    BACK_BEGUN,
    BACK,
    ACKED,
    FORTH_BEGUN,
    FORTH
  }

  /** A moment of the script. */
  private record Cut(CrashPoint point, String what, Step step) {}

  @ParameterizedTest
  @CsvSource({"powerLoss, false", "powerLoss, true", "processCrash, false"})
  void everyStateThatAPowerCutMayLeaveOfASeek(String durability, boolean inOrder) {
    boolean forces = durability.equals("powerLoss");
    List<Cut> cuts =
        script(
            forces ? Durability.powerLoss() : Durability.processCrash(),
            inOrder ? Ordering.byKey() : Ordering.none());
    AtOnce.each(cuts, cut -> crash(cut, forces));
    System.out.printf(
        "SeekCrashTest: %,d states of %,d moments, %,d with a seek under way, 0 violations;"
            + " -Dholdfast.crash.choices=%d%n",
        states.get(), cuts.size(), underWay.get(), choices);
    assertTrue(underWay.get() > 0, "some opening should have had a seek to end");
  }

  /** The state: 0, 1, 3 done; 2 waits for a retry; 4 out; 5 dead. Keys are all different. */
  private static List<Cut> script(Durability durability, Ordering ordering) {
    CrashFileSystem disk = CrashFileSystem.create();
    List<Cut> cuts = new ArrayList<>();
    Step[] step = {Step.BEFORE};
    try (Engine engine = open(disk)) {
      Topic topic = engine.topic("t", TopicConfig.builder().durability(durability).build());
      GroupConfig config = GroupConfig.builder().maxAttempts(3).ordering(ordering).build();
      Group group = topic.group("g", config);
      send(topic, 6);
      try (Consumer consumer = group.consumer("c")) {
        List<Delivery> got = consumer.receive(6, Duration.ZERO);
        List.of(0, 1, 3).forEach(i -> got.get(i).ack());
        got.get(2).nack(new Exception("first"), Duration.ofDays(1));
        got.get(5).reject("dead");
        disk.watch(
            call -> {
              if (call.kind() != Call.Kind.WRITE) {
                cuts.add(new Cut(disk.point(), step[0] + " before " + call, step[0]));
              }
            });
        step[0] = Step.BACK_BEGUN;
        group.seek("t", StartAt.offset(1));
        step[0] = Step.BACK;
        cuts.add(new Cut(disk.point(), "moved back", step[0]));
        consumer.receive(1, Duration.ZERO).forEach(Delivery::ack);
        step[0] = Step.ACKED;
        cuts.add(new Cut(disk.point(), "acked", step[0]));
        consumer.receive(2, Duration.ZERO);
        step[0] = Step.FORTH_BEGUN;
        group.seek("t", StartAt.offset(4));
        step[0] = Step.FORTH;
        cuts.add(new Cut(disk.point(), "moved forth", step[0]));
        disk.watch(call -> {});
      }
    }
    return List.copyOf(cuts);
  }

  private static void send(Topic topic, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.builder(new byte[] {(byte) i}).key("k" + i).build());
      }
    }
  }

  private void crash(Cut cut, boolean forces) {
    try {
      Judgement judgement = new Judgement(cut.step(), forces);
      if (cut.point().choices() <= choices) {
        for (CrashFileSystem left : cut.point().allCuts()) {
          judge(left, judgement);
        }
      } else {
        for (int seed = 0; seed < SOME; seed++) {
          judge(cut.point().cut(new Random(seed), 512, 0.5), judgement);
        }
      }
      // And a process that dies, with the power gone while the next one opens.
      CrashFileSystem killed = cut.point().killed();
      List<CrashPoint> points = new ArrayList<>();
      killed.watch(
          call -> {
            boolean ofGroup = call.path().toString().contains("/groups");
            if (ofGroup && call.kind() != Call.Kind.WRITE) {
              points.add(killed.point());
            }
          });
      open(killed).close();
      killed.watch(call -> {});
      for (CrashPoint point : points) {
        judge(point.cut(new Random(states.get()), 512, 0.5), new Judgement(cut.step(), forces));
      }
      judge(cut.point().killed(), new Judgement(cut.step(), true).ofKilled());
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(cut.what() + ": " + e.getMessage(), e);
    }
  }

  private void judge(CrashFileSystem left, Judgement judgement) {
    states.incrementAndGet();
    try {
      EngineJudge.verify(left);
      Path head = OpenEngine.directory(left).resolve("groups/g/t/head");
      UnsafeBuffer content = new UnsafeBuffer(Files.readAllBytes(head));
      boolean isUnderWay =
          HeadSlot.newest(content, head).orElseThrow().getLong(HeadLayout.SEEK_TO, LE) > 0;
      underWay.addAndGet(isUnderWay ? 1 : 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (Engine engine = open(left);
        Consumer consumer = engine.group("g").consumer("c")) {
      TreeMap<Long, Integer> attempts = new TreeMap<>();
      GroupStats stats = engine.group("g").lag().get(0);
      int retrying = (int) stats.retrying();
      for (List<Delivery> got = consumer.receive(10, Duration.ZERO);
          !got.isEmpty();
          got = consumer.receive(10, Duration.ZERO)) {
        got.forEach(delivery -> attempts.put(delivery.offset(), delivery.attempt()));
        got.forEach(Delivery::ack);
      }
      judgement.of(engine.topic("t").endOffset(), stats, attempts, retrying);
    }
  }

  /** What may be found of a group. */
  private record Judgement(Step step, boolean forces, boolean killed) {
    Judgement(Step step, boolean forces) {
      this(step, forces, false);
    }

    Judgement ofKilled() {
      return new Judgement(step, forces, true);
    }

    void of(long end, GroupStats stats, TreeMap<Long, Integer> attempts, int retrying) {
      if (!forces) {
        assertTrue(stats.lowWaterMark() <= end, "a mark beyond the end hides new messages");
        return; // the topic may have lost any of its messages
      }
      boolean isBack = attempts.containsKey(5L) && attempts.size() > 2;
      boolean isForth = attempts.containsKey(5L) && attempts.size() == 2;
      String found = attempts + ", " + retrying + " retrying, " + stats;
      switch (step) {
        case BEFORE -> assertTrue(!isBack && !isForth, found);
        case BACK_BEGUN -> assertTrue(isBack || !isForth, found);
        case BACK, ACKED -> assertTrue(isBack, found);
        case FORTH_BEGUN -> assertTrue(isBack || isForth, found);
        case FORTH -> assertTrue(isForth, found);
        default -> throw new AssertionError(step);
      }
      if (isForth) {
        assertEquals(List.of(4L, 5L), List.copyOf(attempts.keySet()), found);
        assertEquals(List.of(1, 1), List.copyOf(attempts.values()), found);
        assertTrue(stats.skipped() > 0, found);
      } else if (isBack) {
        checkBack(attempts, found);
        assertEquals(0, stats.skipped(), found);
        assertTrue(retrying == 0 || step != Step.BACK_BEGUN, found);
      } else {
        assertTrue(attempts.containsKey(2L) || retrying > 0, found);
        assertTrue(attempts.containsKey(4L), found);
      }
    }

    private void checkBack(TreeMap<Long, Integer> attempts, String found) {
      boolean mayBeAcked = step.compareTo(Step.BACK) >= 0;
      long first = attempts.firstKey();
      assertTrue(first == 1 || first == 2 && mayBeAcked, found);
      assertTrue(!killed || step != Step.ACKED || first == 2, found);
      assertEquals(5 - first + 1, attempts.size(), found);
      boolean isHandedOut = step.compareTo(Step.BACK) >= 0;
      attempts.values().forEach(n -> assertTrue(n == 1 || isHandedOut && n == 2, found));
    }
  }

  private static Engine open(CrashFileSystem disk) {
    disk.unmapAll();
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
