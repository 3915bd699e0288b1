package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Reader;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.Transaction;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * A power cut shortens topics of a transaction whose record is durable, and the openings after it
 * die, too, at every call.
 */
class TransactionCutTest {
  private static final int CUTS = 3;
  private static final byte OLD = 1; // sent before the transaction
  private static final byte OF_TRANSACTION = 2;
  private static final byte NEW = 3; // sent after the power cut

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(
        OpenEngine.directory(disk), EngineConfig.defaults().withMaxTransactionBytes(1 << 16));
  }

  private static Topic topic(Engine engine, String name, Durability durability) {
    return engine.topic(
        name,
        TopicConfig.builder()
            .durability(durability)
            .segmentSize(1 << 20)
            .maxMessageSize(4096)
            .build());
  }

  private static void send(Topic topic, byte tag, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.of(new byte[] {tag, (byte) i}));
      }
    }
  }

  private static int count(Engine engine, String topic, byte tag) {
    int[] count = {0};
    try (Reader reader = engine.topic(topic).reader(StartAt.earliest())) {
      while (reader.poll(
              view -> count[0] += view.toMessage().payload()[0] == tag ? 1 : 0, 100)
          > 0) {
        // to the end
      }
    }
    return count[0];
  }

  /** Messages of earlier times are lost, and so are the offsets that the record speaks of. */
  private CrashPoint commit() {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      Topic weak = topic(engine, "weak", Durability.processCrash());
      topic(engine, "strong", Durability.powerLoss());
      Group group = weak.group("g", GroupConfig.defaults());
      send(weak, OLD, 10);
      List<Delivery> got = group.consumer("c").receive(5, Duration.ZERO);
      Transaction transaction = engine.transaction();
      got.forEach(transaction::ack);
      for (int i = 0; i < 3; i++) {
        transaction.send("weak", Message.of(new byte[] {OF_TRANSACTION, (byte) i}));
        transaction.send("strong", Message.of(new byte[] {OF_TRANSACTION, (byte) i}));
      }
      transaction.commit();
      CrashPoint[] point = new CrashPoint[1];
      disk.still(() -> point[0] = disk.point());
      return point[0];
    }
  }

  /** Opens, and takes a point at each call of that. */
  private static List<CrashPoint> openings(CrashFileSystem disk) {
    List<CrashPoint> points = Collections.synchronizedList(new ArrayList<>());
    disk.watch(call -> points.add(disk.point()));
    Engine engine = open(disk);
    disk.still(() -> points.add(disk.point()));
    disk.watch(call -> {});
    engine.close();
    return points;
  }

  private static void judge(CrashFileSystem disk, String what) {
    try (Engine engine = open(disk)) {
      for (String topic : List.of("weak", "strong")) {
        assertEquals(3, count(engine, topic, OF_TRANSACTION), what + " " + topic);
      }
      Topic weak = engine.topic("weak");
      int old = count(engine, "weak", OLD);
      send(weak, NEW, 10); // some of these get offsets that were acked
      TreeSet<Long> expected = new TreeSet<>();
      for (long offset = Math.min(old, 5); offset < weak.endOffset(); offset++) {
        expected.add(offset);
      }
      TreeSet<Long> found = new TreeSet<>();
      try (Consumer consumer = engine.group("g").consumer("judge")) {
        List<Delivery> got = consumer.receive(100, Duration.ZERO);
        while (!got.isEmpty()) {
          got.forEach(delivery -> found.add(delivery.offset()));
          got.forEach(Delivery::ack);
          got = consumer.receive(100, Duration.ZERO);
        }
      }
      assertEquals(expected, found, what + ", with " + old + " old ones");
    }
  }

  @Test
  void nothingIsAppendedTwiceAndNoNewMessageIsBornAcked() {
    CrashPoint committed = commit();
    int states = 0;
    TreeSet<Integer> left = new TreeSet<>();
    for (int seed = 0; seed < CUTS; seed++) {
      CrashFileSystem cut = committed.cut(new Random(seed), 512, seed == 0 ? 0 : 0.6);
      try (Engine engine = open(committed.cut(new Random(seed), 512, seed == 0 ? 0 : 0.6))) {
        left.add(count(engine, "weak", OLD));
      }
      int number = 0;
      for (CrashPoint point : openings(cut)) {
        String what = "seed " + seed + ", call " + ++number;
        judge(point.killed(), what + " killed");
        judge(point.cut(new Random(seed), 512, 0.5), what + " cut");
        if (number % 10 == 0) {
          int again = 0;
          for (CrashPoint second : openings(point.killed())) {
            judge(second.killed(), what + " killed, and again at " + ++again);
            states++;
          }
        }
        states += 2;
      }
    }
    assertTrue(left.first() == 0, () -> "a power cut should have taken all: " + left);
    System.out.printf("TransactionCutTest: %,d states%n", states);
  }
}
