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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that dies, or loses its power, at any step of a commit, of what follows it, or of the
 * opening after it: each transaction has done all or nothing, all where its commit had returned,
 * and nothing twice.
 */
class TransactionSeamTest {
  private static final int TRANSACTIONS = 4;
  private static final int CUTS = Integer.getInteger("holdfast.transactions.cuts", 4);
  private static final int INPUTS = 3; // of each transaction, from each of two topics
  private static final int PER_TOPIC = 2; // messages of each transaction, to each of two topics
  private static final List<String> INS = List.of("in1", "in2");
  private static final List<String> OUTS = List.of("out1", "out2");

  private final List<Moment> moments = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger committed = new AtomicInteger();
  private int states;

  /** A point, with what was promised by then. */
  private record Moment(CrashPoint point, int begun, int committed) {}

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(
        OpenEngine.directory(disk), EngineConfig.defaults().withMaxTransactionBytes(1 << 16));
  }

  private static Topic topic(Engine engine, String name, String durability) {
    return engine.topic(
        name,
        TopicConfig.builder()
            .durability(Durability.parse(durability))
            .segmentSize(1 << 20)
            .maxMessageSize(4096)
            .build());
  }

  private void take(CrashFileSystem disk) {
    moments.add(new Moment(disk.point(), begun.get(), committed.get()));
  }

  private void work(CrashFileSystem disk, Engine engine) {
    Map<String, List<Delivery>> got = new HashMap<>();
    for (String in : INS) {
      Topic topic = engine.topic(in);
      Group group = topic.group("g-" + in, GroupConfig.defaults());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < INPUTS * TRANSACTIONS; i++) {
          producer.send(Message.of(new byte[] {(byte) i}));
        }
      }
      got.put(in, group.consumer("c").receive(1_000, Duration.ZERO));
    }
    EngineInside.transactionSteps(engine, step -> disk.still(() -> take(disk)));
    disk.still(() -> take(disk));
    disk.watch(call -> take(disk));
    for (int i = 0; i < TRANSACTIONS; i++) {
      try (Transaction transaction = engine.transaction()) {
        for (int j = 0; j < PER_TOPIC; j++) {
          for (String out : OUTS) {
            transaction.send(out, Message.of(new byte[] {(byte) i, (byte) j}));
          }
        }
        for (String in : INS) {
          got.get(in).subList(i * INPUTS, (i + 1) * INPUTS).forEach(transaction::ack);
        }
        begun.incrementAndGet();
        transaction.commit();
        committed.incrementAndGet();
        disk.still(() -> take(disk));
      }
      if (i % 2 == 1) {
        EngineInside.tick(engine);
      }
    }
    disk.watch(call -> {});
  }

  /** Returns which transactions a topic has: each of them whole, and once. */
  private static TreeSet<Integer> sent(Engine engine, String topic, String what) {
    Map<Integer, List<Integer>> found = new HashMap<>();
    try (Reader reader = engine.topic(topic).reader(StartAt.earliest())) {
      while (reader.poll(
              view -> {
                byte[] payload = view.toMessage().payload();
                found
                    .computeIfAbsent((int) payload[0], tag -> new ArrayList<>())
                    .add((int) payload[1]);
              },
              100)
          > 0) {
        // to the end
      }
    }
    found.forEach((tag, numbers) -> assertEquals(List.of(0, 1), numbers, what + " of " + tag));
    return new TreeSet<>(found.keySet());
  }

  /** Returns which transactions have acked: each all of its messages, or none. */
  private static TreeSet<Integer> acked(Engine engine, String topic, String what) {
    Map<Integer, Integer> left = new HashMap<>();
    try (Consumer consumer = engine.group("g-" + topic).consumer("judge")) {
      List<Delivery> got = consumer.receive(1_000, Duration.ZERO);
      while (!got.isEmpty()) { // suspects come one by one
        for (Delivery delivery : got) {
          left.merge((int) delivery.offset() / INPUTS, 1, Integer::sum);
          assertEquals(tag(delivery), delivery.offset(), what);
        }
        got.forEach(Delivery::ack);
        got = consumer.receive(1_000, Duration.ZERO);
      }
    }
    TreeSet<Integer> acked = new TreeSet<>();
    for (int i = 0; i < TRANSACTIONS; i++) {
      int count = left.getOrDefault(i, 0);
      assertTrue(count == 0 || count == INPUTS, what + ": " + count + " left of " + i);
      if (count == 0) {
        acked.add(i);
      }
    }
    return acked;
  }

  private static long tag(Delivery delivery) {
    return delivery.message().payload()[0];
  }

  private void judge(CrashFileSystem disk, Moment moment, String what) {
    states++;
    TreeSet<Integer> first;
    try (Engine engine = open(disk)) {
      first = sent(engine, OUTS.get(0), what + " " + OUTS.get(0));
      assertEquals(first, sent(engine, OUTS.get(1), what + " " + OUTS.get(1)), what);
      for (String in : INS) {
        assertEquals(first, acked(engine, in, what + " " + in), what);
      }
      for (int i = 0; i < moment.committed(); i++) {
        assertTrue(first.contains(i), what + ": " + i + " was committed");
      }
      assertTrue(first.isEmpty() || first.last() < moment.begun(), what);
      assertEquals(List.of(), engine.topics().stream().filter(t -> t.contains("dlq")).toList());
    }
    try (Engine engine = open(disk)) {
      assertEquals(first, sent(engine, OUTS.get(0), what + " again"));
    }
  }

  /** All of it with powerLoss, and with a topic that a power cut may shorten. */
  @ParameterizedTest
  @CsvSource({"powerLoss, powerLoss", "processCrash, powerLoss", "powerLoss, processCrash"})
  void allOrNothing(String first, String others) {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      INS.forEach(in -> topic(engine, in, "powerLoss"));
      topic(engine, OUTS.get(0), first);
      topic(engine, OUTS.get(1), others);
      work(disk, engine);
    }
    assertTrue(moments.size() > 50, () -> moments.size() + " moments");
    int number = 0;
    int again = 0;
    for (Moment moment : moments) {
      number++;
      String at = "moment " + number + " of " + moments.size();
      judge(moment.point().killed(), moment, at + " killed");
      for (int seed = 0; seed < CUTS; seed++) {
        CrashFileSystem cut = moment.point().cut(new Random(seed), 512, seed % 2 == 0 ? 0.5 : 0.1);
        if (number % 10 == 0) {
          again += again(cut, moment, at + " seed " + seed);
        } else {
          judge(cut, moment, at + " seed " + seed);
        }
      }
    }
    System.out.printf(
        "TransactionSeamTest: %s and %s: %,d moments, %,d states, %,d of them in openings%n",
        first, others, moments.size(), states, again);
  }

  /** Cuts the opening as well, at every tenth call. */
  private int again(CrashFileSystem cut, Moment moment, String what) {
    List<CrashPoint> points = new ArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    cut.watch(
        call -> {
          if (calls.incrementAndGet() % 10 == 0) {
            synchronized (points) {
              points.add(cut.point());
            }
          }
        });
    judge(cut, moment, what);
    cut.watch(call -> {});
    int count = 0;
    for (CrashPoint point : points) {
      judgeAcked(point.killed(), what + " opening killed " + ++count);
      judgeAcked(point.cut(new Random(count), 512, 0.5), what + " opening cut " + count);
    }
    return 2 * count;
  }

  /** As above, but the judge may have acked some of what was left. */
  private void judgeAcked(CrashFileSystem disk, String what) {
    states++;
    try (Engine engine = open(disk)) {
      TreeSet<Integer> first = sent(engine, OUTS.get(0), what);
      assertEquals(first, sent(engine, OUTS.get(1), what), what);
      for (String in : INS) {
        try (Consumer consumer = engine.group("g-" + in).consumer("judge")) {
          for (Delivery delivery : consumer.receive(1_000, Duration.ZERO)) {
            assertTrue(!first.contains((int) delivery.offset() / INPUTS), what + delivery);
          }
        }
      }
    }
  }
}
