package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Delayed messages, the runs and bits that hold them, and cancels, cut at every call and step: each
 * message comes to each group in its time, or was cancelled for all.
 *
 * <p>{@code -Dholdfast.crash.choices=n} opens all states of moments with up to n things that the
 * device may have or not (at most 20); of other moments some are opened.
 */
class DelaySeamTest {
  private static final DelayLimits SMALL = new DelayLimits(3, 4, 1, 2, 64, 1);
  private static final long BEGIN = 1_700_000_000_000L;
  private static final long FAR = 100_000;
  private static final long END = BEGIN + 10 * FAR;
  private static final int SOME = 4;

  private final int choices = Integer.getInteger("holdfast.crash.choices", 5);
  private final AtomicInteger states = new AtomicInteger();

  /** What holds at a moment: dues by offset, what is done or cancelled, a cancel under way. */
  private record Promise(
      long now, List<Long> dues, Set<Integer> acked, Set<Integer> cancelled, int cancelling) {}

  /** A moment of the script; killed images only of those at which nobody stores. */
  private record Cut(CrashPoint point, String what, boolean isQuiet, Promise promise) {}

  @Test
  void everyStateThatAPowerCutMayLeaveOfDelayedMessagesThatAreDurable() {
    run(Durability.powerLoss());
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfDelayedMessagesOfATopicThatIsCut() {
    run(Durability.processCrash());
  }

  @Test
  void aCancelWhoseBitIsOnItsWayWhenTheTimeComesHoldsForAllGroupsOrForNone() {
    Script script = new Script(Durability.powerLoss());
    List<Cut> cuts = script.cancelAtItsTime();
    AtOnce.each(cuts, this::crash);
    assertTrue(states.get() > cuts.size(), "each moment leaves several states");
  }

  private void run(Durability durability) {
    List<Cut> cuts = new Script(durability).cuts();
    AtOnce.each(cuts, this::crash);
    System.out.printf(
        "DelaySeamTest: %s: %,d states of %,d moments, 0 violations;"
            + " -Dholdfast.crash.choices=%d%n",
        durability, states.get(), cuts.size(), choices);
    assertTrue(states.get() > cuts.size(), "each moment leaves several states");
  }

  /** What is done, and what was promised at each moment of it. For one thread. */
  private static final class Script {
    private final CrashFileSystem disk = CrashFileSystem.create();
    private final Durability durability;
    private final List<Cut> cuts = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong clock = new AtomicLong(BEGIN);
    private volatile Promise promise = new Promise(BEGIN, List.of(), Set.of(), Set.of(), -1);
    private Engine engine;
    private Topic topic;
    private Consumer consumer;

    Script(Durability durability) {
      this.durability = durability;
    }

    List<Cut> cuts() {
      engine = open(disk, clock);
      TopicConfig.Builder config =
          TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).durability(durability);
      engine.topic("t", config.build()).group("g", GroupConfig.defaults());
      disk.watch(
          call -> {
            if (call.kind() != Call.Kind.WRITE) {
              cuts.add(new Cut(disk.point(), "before " + call, false, promise));
            }
          });
      live();
      for (long due : new long[] {100, 200, 300, FAR, FAR + 1, FAR + 2, 400}) {
        send(due);
      }
      receive(0);
      cancel(4);
      pass(250);
      receive(1);
      for (long due : new long[] {600, 700, 2 * FAR}) {
        send(due);
      }
      receive(0);
      end();
      live();
      pass(500);
      receive(1);
      cancel(9);
      pass(2 * FAR);
      receive(1);
      receive(100);
      end();
      disk.watch(call -> {});
      return List.copyOf(cuts);
    }

    /** While the bit is forced, its time comes, and a group asks for it. */
    List<Cut> cancelAtItsTime() {
      engine = open(disk, clock);
      TopicConfig config = TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build();
      engine.topic("t", config).group("g", GroupConfig.defaults());
      live();
      send(1);
      pass(1);
      receive(1); // which makes all that a group needs to take another one
      send(200);
      send(300);
      receive(0);
      cancel(2); // so that there are bits already
      Promise p = promise;
      promise = new Promise(p.now, p.dues, p.acked, p.cancelled, 1);
      disk.watch(
          call -> {
            if (call.kind() == Call.Kind.FORCE && call.path().toString().contains(".cancelled")) {
              clock.addAndGet(250);
              assertEquals(List.of(), consumer.receive(10, Duration.ZERO), "not before its bit");
              cuts.add(new Cut(disk.point(), "while it is forced", false, promise));
            }
          });
      assertTrue(topic.cancel(1));
      disk.watch(call -> {});
      assertTrue(clock.get() > BEGIN + 200, "its time has come meanwhile");
      promise = new Promise(clock.get(), p.dues, p.acked, Set.of(1, 2), -1);
      step("a cancel");
      receive(0);
      end();
      return List.copyOf(cuts);
    }

    private void live() {
      disk.unmapAll();
      engine = engine == null ? open(disk, clock) : engine;
      topic = engine.topic("t");
      consumer = engine.group("g").consumer("c");
      step("an opening");
    }

    private void end() {
      engine.close();
      engine = null;
      step("a close");
    }

    private void step(String what) {
      if (engine != null) {
        EngineInside.awaitAgent(engine);
        EngineInside.awaitAgent(engine);
      }
      cuts.add(new Cut(disk.point(), "after " + what, true, promise));
    }

    private void send(long due) {
      Promise p = promise;
      List<Long> dues = new ArrayList<>(p.dues);
      dues.add(BEGIN + due);
      promise = new Promise(p.now, List.copyOf(dues), p.acked, p.cancelled, -1);
      sendOne(topic, BEGIN + due);
      step("a send");
    }

    private void cancel(int offset) {
      Promise p = promise;
      promise = new Promise(p.now, p.dues, p.acked, p.cancelled, offset);
      assertTrue(topic.cancel(offset));
      promise = new Promise(p.now, p.dues, p.acked, with(p.cancelled, offset), -1);
      step("a cancel");
    }

    private void pass(long millis) {
      Promise p = promise;
      clock.addAndGet(millis);
      promise = new Promise(clock.get(), p.dues, p.acked, p.cancelled, -1);
      EngineInside.tick(engine);
    }

    /** Acks some of what comes; the rest stays out. */
    private void receive(int acks) {
      int left = acks;
      for (Delivery delivery : consumer.receive(100, Duration.ZERO)) {
        if (left-- > 0) {
          Promise p = promise;
          Set<Integer> acked = with(p.acked, (int) delivery.offset());
          promise = new Promise(p.now, p.dues, acked, p.cancelled, -1);
          delivery.ack();
        }
      }
      step("a receive");
    }

    private static Set<Integer> with(Set<Integer> all, int one) {
      Set<Integer> more = new TreeSet<>(all);
      more.add(one);
      return Set.copyOf(more);
    }
  }

  private static void sendOne(Topic topic, long due) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.send(
          Message.builder(new byte[1]).deliverAt(Instant.ofEpochMilli(due)).build());
    }
  }

  private void crash(Cut cut) {
    try {
      if (cut.point().choices() <= choices) {
        for (CrashFileSystem left : cut.point().allCuts()) {
          judge(left, cut.promise());
        }
      } else {
        for (int seed = 0; seed < SOME; seed++) {
          judge(cut.point().cut(new Random(seed), 512, 0.5), cut.promise());
        }
      }
      if (cut.isQuiet()) {
        judge(cut.point().killed(), cut.promise());
        CrashFileSystem killed = cut.point().killed();
        open(killed, new AtomicLong(cut.promise().now())).close();
        for (int seed = 0; seed < SOME; seed++) {
          judge(killed.point().cut(new Random(seed), 512, 0.5), cut.promise());
        }
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(cut.what() + ": " + e.getMessage(), e);
    }
  }

  private void judge(CrashFileSystem left, Promise promise) {
    states.incrementAndGet();
    try {
      EngineJudge.verify(left);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    AtomicLong clock = new AtomicLong(promise.now());
    try (Engine engine = open(left, clock)) {
      Topic topic = engine.topic("t");
      List<Long> dues = new ArrayList<>(promise.dues());
      int end = (int) topic.endOffset();
      assertTrue(end <= dues.size(), () -> "nobody has sent offset " + end);
      dues.subList(end, dues.size()).clear();
      dues.add(promise.now() + 5); // where an earlier life may have had others
      dues.add(promise.now() - 5);
      dues.add(END - 1);
      dues.subList(end, end + 3).forEach(due -> sendOne(topic, due));
      List<Integer> met = new ArrayList<>();
      List<Integer> later = new ArrayList<>();
      try (Consumer g = engine.group("g").consumer("c");
          Consumer h = topic.group("h", GroupConfig.defaults()).consumer("c")) {
        for (long now : new long[] {promise.now(), promise.now() + 5, BEGIN + FAR, END}) {
          clock.set(Math.max(clock.get(), now));
          EngineInside.tick(engine);
          drain(g, clock.get(), dues, met);
          drain(h, clock.get(), dues, later);
        }
      }
      engine.group("g").lag().forEach(stats -> assertEquals(0, stats.unfinished()));
      check("g", promise, dues, met, promise.acked());
      check("h", promise, dues, later, Set.of());
      if (promise.cancelling() >= 0) {
        assertEquals(
            met.contains(promise.cancelling()),
            later.contains(promise.cancelling()),
            "a cancel is for all groups or for none");
      }
    }
  }

  private static void drain(Consumer consumer, long now, List<Long> dues, List<Integer> into) {
    List<Delivery> got = consumer.receive(100, Duration.ZERO);
    while (!got.isEmpty()) {
      for (Delivery delivery : got) {
        int offset = (int) delivery.offset();
        assertTrue(dues.get(offset) <= now, () -> "offset " + offset + " is not due");
        into.add(offset);
        delivery.ack();
      }
      got = consumer.receive(100, Duration.ZERO);
    }
  }

  private static void check(
      String group, Promise promise, List<Long> dues, List<Integer> got, Set<Integer> acked) {
    assertEquals(new TreeSet<>(got).size(), got.size(), () -> group + " got one twice: " + got);
    for (int offset = 0; offset < dues.size(); offset++) {
      boolean isNew = offset >= dues.size() - 3;
      boolean isCancelled = !isNew && promise.cancelled().contains(offset);
      boolean isOpen = !isNew && (acked.contains(offset) || offset == promise.cancelling());
      if (!isOpen) {
        assertEquals(!isCancelled, got.contains(offset), group + ", offset " + offset);
      }
    }
  }

  private static Engine open(CrashFileSystem disk, AtomicLong clock) {
    disk.unmapAll();
    EngineConfig config = EngineConfig.defaults().withClock(clock::get);
    return EngineInside.open(OpenEngine.directory(disk), config, SMALL);
  }
}
