package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.DeadLetterFilter;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Reader;
import io.holdfast.engine.RedriveConfig;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A redrive, and the second death of what it brought back, cut at every call and step: each dead
 * letter is still there, or has one copy.
 *
 * <p>{@code -Dholdfast.crash.choices=n} opens all states of moments with up to n things that the
 * device may have or not (at most 20); of other moments some are opened.
 */
class RedriveSeamTest {
  private static final int SOME = 4;

  private final int choices = Integer.getInteger("holdfast.crash.choices", 5);
  private final AtomicInteger states = new AtomicInteger();

  /** A moment of the script; killed images only of those at which nobody stores. */
  private record Cut(CrashPoint point, String what, boolean atStep) {}

  @Test
  void everyStateThatAPowerCutMayLeaveOfARedrive() {
    List<Cut> cuts = script();
    AtOnce.each(cuts, this::crash);
    System.out.printf(
        "RedriveSeamTest: %,d states of %,d moments, 0 violations; -Dholdfast.crash.choices=%d%n",
        states.get(), cuts.size(), choices);
    assertTrue(states.get() > cuts.size(), "each moment leaves several states");
  }

  private static List<Cut> script() {
    CrashFileSystem disk = CrashFileSystem.create();
    List<Cut> cuts = Collections.synchronizedList(new ArrayList<>());
    boolean[] begun = new boolean[1]; // for the script's thread, which does all steps
    java.util.function.Consumer<DeadLetterStep> steps =
        step -> {
          if (begun[0]) {
            disk.still(() -> cuts.add(new Cut(disk.point(), "at " + step, true)));
          }
        };
    try (Engine engine =
            EngineInside.open(OpenEngine.directory(disk), EngineConfig.defaults(), steps);
        Consumer consumer = deadLetters(engine).consumer("c")) {
      Group group = engine.group("g");
      begun[0] = true;
      disk.watch(
          call -> {
            if (call.kind() != Call.Kind.WRITE) {
              cuts.add(new Cut(disk.point(), "before " + call, false));
            }
          });
      group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults().withMost(1));
      consumer.receive(10, Duration.ZERO).forEach(d -> d.nack(new Exception("again")));
      disk.watch(call -> {});
      begun[0] = false;
      cuts.add(new Cut(disk.point(), "at the end", true));
    }
    return List.copyOf(cuts);
  }

  /** Two of a topic that forces. */
  private static Group deadLetters(Engine engine) {
    Topic topic =
        engine.topic(
            "t", TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build());
    Group group =
        topic.group("g", GroupConfig.builder().maxAttempts(1).maxRedrives(5).build());
    try (Producer producer = topic.producer(ProducerConfig.named("p"));
        Consumer consumer = group.consumer("c")) {
      producer.send(Message.of(new byte[] {0}));
      producer.send(Message.of(new byte[] {1}));
      consumer.receive(10, Duration.ZERO).forEach(d -> d.nack(new Exception("first")));
    }
    return group;
  }

  private void crash(Cut cut) {
    try {
      if (cut.point().choices() <= choices) {
        for (CrashFileSystem left : cut.point().allCuts()) {
          judge(left);
        }
      } else {
        for (int seed = 0; seed < SOME; seed++) {
          judge(cut.point().cut(new Random(seed), 512, 0.5));
        }
      }
      if (cut.atStep()) {
        CrashFileSystem killed = cut.point().killed();
        CrashPoint opened;
        try (Engine engine = open(killed)) {
          check(engine);
          opened = killed.point();
        }
        for (int seed = 0; seed < SOME; seed++) {
          judge(opened.cut(new Random(seed), 512, 0.5));
        }
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(cut.what() + ": " + e.getMessage(), e);
    }
  }

  private void judge(CrashFileSystem left) {
    states.incrementAndGet();
    try {
      EngineJudge.verify(left);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (Engine engine = open(left);
        Consumer consumer = engine.group("g").consumer("c")) {
      check(engine);
      engine.group("g").redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults());
      List<Integer> got = new ArrayList<>();
      for (Delivery delivery : consumer.receive(10, Duration.ZERO)) {
        got.add((int) delivery.message().payload()[0]);
        delivery.ack();
      }
      Collections.sort(got);
      assertEquals(List.of(0, 1), got, "each message comes back once");
      assertEquals(0, check(engine));
    }
  }

  /** Returns how many letters are still there. */
  private static long check(Engine engine) {
    int letters = ids(engine, "t.g.dlq", "dlq.id");
    int copies = ids(engine, "t.g.retry", "holdfast.retry.id");
    long there = engine.group("g").deadLetters("t").letters();
    assertEquals(letters, there + copies, "letters that are there, or were redriven");
    return there;
  }

  private static int ids(Engine engine, String topic, String header) {
    List<String> ids = new ArrayList<>();
    if (engine.topics().contains(topic)) {
      try (Reader reader = engine.topic(topic).reader(StartAt.earliest())) {
        reader.poll(view -> ids.add(view.header(header).orElseThrow()), 100);
      }
    }
    assertEquals(ids.size(), new HashSet<>(ids).size(), () -> topic + ": " + ids);
    return ids.size();
  }

  private static Engine open(CrashFileSystem disk) {
    disk.unmapAll();
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
