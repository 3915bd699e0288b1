package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Message;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Retention;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that dies, or loses its power, at any step of a drop: what a group never saw is counted
 * exactly once, and what it was done with never.
 */
class DropSeamTest {
  private static final int CUTS = 12; // of each moment
  private static final int MANY_CUTS = 40;
  private static final double[] SHARES = {0.1, 0.5, 0.9}; // of what was not forced
  private static final int COUNT = 40; // messages; the first file has room for fewer than 16
  private static final Duration LONG = Duration.ofDays(1);

  private final Logger told = Logger.getLogger("io.holdfast.engine.group.Events");
  private final List<CrashPoint> points = Collections.synchronizedList(new ArrayList<>());
  private final Set<Long> acked = new HashSet<>();

  @BeforeEach
  void hush() {
    told.setLevel(Level.OFF);
  }

  @AfterEach
  void listen() {
    told.setLevel(null);
  }

  private static Topic topic(Engine engine, Retention retention, Durability durability) {
    return engine.topic(
        "t",
        TopicConfig.builder()
            .durability(durability)
            .segmentSize(1 << 20)
            .maxMessageSize(4096)
            .retention(retention)
            .build());
  }

  private static void send(Topic topic, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.of(new byte[4_000]));
      }
    }
  }

  private void ack(Delivery delivery) {
    acked.add(delivery.offset());
    delivery.ack();
  }

  /** Takes a point before each call of the drop that follows on some work. */
  private void dropAfter(CrashFileSystem disk, Engine engine, Runnable work) {
    EngineInside.whileKept(
        engine,
        "t",
        () -> {
          work.run();
          disk.still(() -> points.add(disk.point()));
          disk.watch(call -> points.add(disk.point()));
        });
    EngineInside.retain(engine, "t");
    disk.watch(call -> {});
    disk.still(() -> points.add(disk.point()));
    assertTrue(engine.topic("t").firstOffset() > 10, "something was dropped");
    assertTrue(points.size() > 5, points.size() + " moments");
  }

  /** What was neither acked nor is handed out now must be what the group says was dropped. */
  private GroupStats judge(CrashFileSystem disk, String what) {
    try (Engine engine = open(disk);
        Consumer consumer = engine.group("g").consumer("c")) {
      long end = engine.topic("t").endOffset();
      Set<Long> missing = new HashSet<>();
      LongStream.range(0, end).forEach(missing::add);
      missing.removeAll(acked);
      List<Delivery> got = consumer.receive(1_000, Duration.ZERO);
      while (!got.isEmpty()) { // suspects come one by one
        got.forEach(delivery -> missing.remove(delivery.offset()));
        got.forEach(Delivery::ack);
        got = consumer.receive(1_000, Duration.ZERO);
      }
      GroupStats stats = engine.group("g").lag().get(0);
      long waiting = stats.retrying(); // for a retry in a day
      assertEquals(missing.size() - waiting, stats.dropped(), what);
      assertEquals(waiting, stats.unfinished(), what);
      assertEquals(0, stats.lost(), what);
      return stats;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"powerLoss", "processCrash"})
  void whatWasDoneIsNeverCountedAsDropped(String durability) {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      Topic topic = topic(engine, Retention.untilConsumed(), Durability.parse(durability));
      Group group = topic.group("g", GroupConfig.defaults());
      send(topic, COUNT);
      try (Consumer consumer = group.consumer("c")) {
        dropAfter(
            disk, engine, () -> consumer.receive(COUNT - 5, Duration.ZERO).forEach(this::ack));
      }
    }
    int states = 0;
    for (CrashPoint point : points) {
      assertEquals(0, judge(point.killed(), "killed").dropped());
      for (int seed = 0; seed < CUTS; seed++) {
        assertEquals(0, judge(point.cut(new Random(seed), 512, 0.5), "seed " + seed).dropped());
        states++;
      }
    }
    System.out.printf("DropSeamTest: done, %s: %,d power cuts%n", durability, states);
  }

  @ParameterizedTest
  @ValueSource(strings = {"powerLoss", "processCrash"})
  void whatWasNeededIsCountedOnce(String durability) {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      Topic topic = topic(engine, Retention.byCount(10), Durability.parse(durability));
      Group group = topic.group("g", GroupConfig.defaults());
      dropAfter(
          disk,
          engine,
          () -> {
            send(topic, COUNT);
            work(group);
          });
    }
    judgeNeeded("needed, " + durability, 0);
  }

  /** In an order they cannot be met any more, so that they have no turn at which to count. */
  @ParameterizedTest
  @CsvSource({"powerLoss,false", "powerLoss,true", "processCrash,false", "processCrash,true"})
  void whatAnEarlierProcessHadOutIsCountedOnce(String durability, boolean inOrder) {
    CrashFileSystem first = CrashFileSystem.create();
    try (Engine engine = open(first)) {
      Topic topic = topic(engine, Retention.byCount(10), Durability.parse(durability));
      Ordering ordering = inOrder ? Ordering.byKey() : Ordering.none();
      Group group = topic.group("g", GroupConfig.builder().ordering(ordering).build());
      send(topic, 10);
      work(group);
    }
    CrashFileSystem disk = first.point().cut(new Random(1), 4096, 1); // it forgets no ack
    try (Engine engine = open(disk)) {
      dropAfter(
          disk,
          engine,
          () -> {
            send(engine.topic("t"), COUNT - 10);
            if (!inOrder) { // else they would be met
              engine.group("g").consumer("c").receive(4, Duration.ZERO); // in slots, not forced
            }
          });
    }
    String what = inOrder ? "found in an order, " : "found, ";
    judgeNeeded(what + durability, durability.equals("powerLoss") ? MANY_CUTS : 0);
  }

  /** 0, 1, 2, 4 and 7 are done, 3 waits, 5 and 6 are out when the process dies. */
  private void work(Group group) {
    List<Delivery> got = group.consumer("c").receive(8, Duration.ZERO);
    List.of(0, 1, 2, 4, 7).forEach(i -> ack(got.get(i)));
    got.get(3).nack(new Exception("later"), LONG);
  }

  private void judgeNeeded(String what, int cutsOfEach) {
    int deaths = 0;
    int cuts = 0;
    Set<Long> counts = new HashSet<>();
    for (CrashPoint point : points) {
      counts.add(judge(point.killed(), "killed").dropped());
      deaths++;
      for (int seed = 0; seed < cutsOfEach; seed++) {
        double share = SHARES[seed % SHARES.length];
        counts.add(judge(point.cut(new Random(seed), 512, share), "seed " + seed).dropped());
        cuts++;
      }
    }
    assertTrue(Collections.max(counts) > 0, "something was needed");
    System.out.printf("DropSeamTest: %s: %,d deaths, %,d power cuts%n", what, deaths, cuts);
  }

  @Test
  void aDeathBetweenTheCountAndTheBitsCountsNothingTwice() throws IOException {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      Topic topic = topic(engine, Retention.byCount(10), Durability.powerLoss());
      Group group = topic.group("g", GroupConfig.defaults());
      EngineInside.whileKept(
          engine,
          "t",
          () -> {
            send(topic, COUNT);
            group.consumer("c").receive(1, Duration.ZERO); // so that bits have to be set
            disk.still(() -> points.add(disk.point()));
          });
      EngineInside.retain(engine, "t");
      disk.still(() -> points.add(disk.point()));
    }
    CrashFileSystem before = points.get(0).killed();
    CrashFileSystem after = points.get(1).killed();
    Path head = Path.of("groups/g/t/head");
    Path from = OpenEngine.directory(after).resolve(head.toString());
    Files.write(OpenEngine.directory(before).resolve(head.toString()), Files.readAllBytes(from));
    GroupStats stats = judge(before, "between");
    assertTrue(stats.dropped() > 10, stats::toString);
  }

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
