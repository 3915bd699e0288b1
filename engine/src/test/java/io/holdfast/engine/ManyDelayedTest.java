package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.storage.Durability;
import io.holdfast.storage.file.JvmFlags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million delayed messages in a process with a small heap: they wait on disk, the next opening
 * reads those alone that were in memory, and all of them come in the order of their times.
 */
class ManyDelayedTest {
  private static final int MESSAGES = 1_000_000;
  private static final int BATCH = 1_000;
  private static final int STEP = 7_919; // a prime, so that times are in another order than offsets
  private static final int HEAP = 24; // MiB; entries as objects would need more than that

  @TempDir Path dir;

  @Test
  void aMillionWaitOnDiskAndAnOpeningReadsLessThanARunOfThem() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx" + HEAP + "m", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(List.of("-Xshare:auto", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ManyDelayedTest.class.getName(), dir.toString()));
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), said);
    System.out.print(said);
  }

  /**
   * The process with the small heap.
   *
   * @param args the store
   */
  public static void main(String[] args) throws IOException {
    Path store = Path.of(args[0]);
    TestClock clock = new TestClock();
    long begin = clock.time();
    fill(store, clock);
    int read = DelayLimits.DEFAULTS.leastRun();
    try (Engine engine = open(store, clock);
        Consumer consumer = engine.group("g").consumer("c")) {
      passAllBy(engine.topic("t"), consumer);
      long met = EngineInside.delays(engine, "t").met();
      assertTrue(met < read, () -> met + " messages were read that were not due");
      assertEquals(MESSAGES, engine.topic("t").delayed().waiting());
      clock.advance(Duration.ofDays(1).plusMillis(MESSAGES));
      drain(consumer, begin + Duration.ofDays(1).toMillis());
      assertEquals(0, engine.group("g").lag().get(0).unfinished());
      EngineInside.awaitAgent(engine);
      System.out.printf(
          "ManyDelayedTest: %,d messages in a heap of %d MiB, %,d of them read at the opening%n",
          MESSAGES, HEAP, met);
    }
  }

  private static Engine open(Path store, TestClock clock) {
    return Engine.open(store, EngineConfig.defaults().withClock(clock));
  }

  private static void fill(Path store, TestClock clock) {
    long first = clock.time() + Duration.ofDays(1).toMillis();
    try (Engine engine = open(store, clock)) {
      TopicConfig config = TopicConfig.builder().durability(Durability.processCrash()).build();
      Topic topic = engine.topic("t", config);
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
          Consumer consumer = topic.group("g", GroupConfig.defaults()).consumer("c")) {
        for (int sent = 0; sent < MESSAGES; sent += BATCH) {
          List<Message> batch = new ArrayList<>();
          for (int i = sent; i < sent + BATCH; i++) {
            long due = first + (long) i * STEP % MESSAGES;
            batch.add(
                Message.builder(new byte[1]).deliverAt(Instant.ofEpochMilli(due)).build());
          }
          producer.sendAll(batch);
          consumer.receive(1, Duration.ZERO);
        }
        passAllBy(topic, consumer);
      }
    }
  }

  /** A look ends after some thousands, and where the agent has to write first what was met. */
  private static void passAllBy(Topic topic, Consumer consumer) {
    do {
      assertEquals(List.of(), consumer.receive(1, Duration.ZERO));
    } while (topic.delayed().waiting() < MESSAGES);
    assertEquals(List.of(), consumer.receive(1, Duration.ZERO));
  }

  private static void drain(Consumer consumer, long first) {
    for (long due = first; due < first + MESSAGES; ) {
      for (Delivery delivery : consumer.receive(100, Duration.ZERO)) {
        assertEquals(due++, delivery.message().deliverAt().orElseThrow().toEpochMilli());
        delivery.ack();
      }
    }
  }
}
