package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.storage.Durability;
import io.holdfast.storage.Eventually;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.InvalidNameException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be processed ends as exactly one dead letter, with its cause. */
class DeadLetterTest {
  @TempDir Path dir;
  private final TestClock clock = new TestClock();

  private static final GroupConfig ONCE = GroupConfig.builder().maxAttempts(1).build();

  private Engine open(Path store, Consumer<DeadLetterStep> steps) {
    return Engine.open(store, EngineConfig.defaults().withClock(clock), steps);
  }

  private Engine open(Path store) {
    return open(store, step -> {});
  }

  private static Topic topic(Engine engine, Durability durability) {
    return engine.topic("t", TestStores.small().durability(durability).build());
  }

  private static void send(Topic topic, Message... messages) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.sendAll(List.of(messages));
    }
  }

  private static List<Message> letters(Engine engine) {
    List<Message> letters = new ArrayList<>();
    if (engine.topics().contains("t.g.dlq")) {
      try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
        while (reader.poll(view -> letters.add(view.toMessage()), 100) > 0) {
          // to the end
        }
      }
    }
    return letters;
  }

  private static GroupStats stats(Engine engine) {
    return TestStores.stats(engine.group("g"));
  }

  @Test
  void aDeadLetterKeepsTheMessageAndSaysWhatBecameOfIt() {
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.powerLoss());
      Message sent =
          Message.builder(new byte[] {1, 2, 3}).key("k").subject("s").header("h", "v").build();
      send(topic, message("before"), sent);
      GroupConfig config =
          GroupConfig.builder().maxAttempts(2).backoff(Backoff.fixed(Duration.ZERO)).build();
      Group group = topic.group("g", config);
      try (io.holdfast.engine.Consumer consumer = group.consumer("worker-1")) {
        consumer.receive(1, AT_ONCE).get(0).ack();
        consumer.receive(1, AT_ONCE).get(0).release();
        consumer.receive(1, AT_ONCE).get(0).nack(new Exception("first"));
        clock.advance(Duration.ofSeconds(5));
        Throwable cause = new IllegalStateException("no stock", new Exception("deep \ud83d"));
        assertEquals(Settled.DONE, consumer.receive(1, AT_ONCE).get(0).nack(cause));
        assertEquals(List.of(), consumer.receive(1, AT_ONCE));
      }
      Message letter = letters(engine).get(0);
      assertArrayEquals(sent.payload(), letter.payload());
      assertEquals(sent.key(), letter.key());
      assertEquals(sent.subject(), letter.subject());
      Map<String, String> headers = letter.headers();
      assertEquals("v", headers.get("h"));
      assertEquals("attempts", headers.get("dlq.reason"));
      assertEquals("3", headers.get("dlq.attempts"));
      assertEquals("2", headers.get("dlq.failures"));
      assertEquals("java.lang.IllegalStateException", headers.get("dlq.error.class"));
      assertEquals("no stock", headers.get("dlq.error.message"));
      assertTrue(headers.get("dlq.error.stack").contains("Caused by: java.lang.Exception: deep"));
      assertEquals("2023-11-14T22:13:25Z", headers.get("dlq.time"));
      assertEquals("2023-11-14T22:13:20Z", headers.get("dlq.first-delivery"));
      assertEquals("worker-1", headers.get("dlq.consumer"));
      assertEquals("g", headers.get("dlq.group"));
      assertEquals("t", headers.get("dlq.topic"));
      assertEquals("1", headers.get("dlq.offset"));
      assertEquals(topic.number() + ":1:1:g:0", headers.get("dlq.id"));
      assertEquals(TestStores.stats("t", 2, 2, 0, 0, 0, 0, 1), stats(engine));
      assertEquals(Durability.powerLoss(), engine.topic("t.g.dlq").config().durability());
    }
  }

  @Test
  void aRejectedMessageIsADeadLetterAtOnce() {
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      Group group = topic.group("g", GroupConfig.defaults());
      Delivery delivery = group.consumer("c").receive(1, AT_ONCE).get(0);
      assertEquals(Settled.DONE, delivery.reject("not for us"));
      assertEquals(Settled.ALREADY_SETTLED, delivery.ack());
      Map<String, String> headers = letters(engine).get(0).headers();
      assertEquals("rejected", headers.get("dlq.reason"));
      assertEquals("not for us", headers.get("dlq.error.message"));
      assertEquals("0", headers.get("dlq.failures"));
    }
  }

  @Test
  void aTimeoutLeadsToADeadLetterWithoutAnyConsumer() throws InterruptedException {
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      Delivery delivery = topic.group("g", ONCE).consumer("c").receive(1, AT_ONCE).get(0);
      clock.advance(Duration.ofSeconds(30));
      engine.tick();
      Eventually.holds(() -> stats(engine).dead() == 1, () -> "expected one, " + stats(engine));
      assertEquals("ackTimeout", letters(engine).get(0).headers().get("dlq.error.class"));
      assertEquals(Settled.STALE, delivery.ack());
    }
  }

  @Test
  void anErrorOnTheTimersThreadIsTriedAgainThere() throws InterruptedException {
    Logger log = Logger.getLogger(GroupTimer.class.getName());
    log.setLevel(Level.OFF); // the error with its stack
    AtomicInteger steps = new AtomicInteger();
    Consumer<DeadLetterStep> failsOnce =
        step -> {
          if (steps.getAndIncrement() == 0) {
            throw new AssertionError("once, on " + Thread.currentThread().getName());
          }
        };
    try (Engine engine = open(dir, failsOnce)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      GroupConfig soon =
          GroupConfig.builder().maxAttempts(1).ackTimeout(Duration.ofMillis(20)).build();
      topic.group("g", soon).consumer("c").receive(1, AT_ONCE);
      clock.advance(Duration.ofMinutes(1));
      Eventually.holds(() -> steps.get() > 0, () -> "expected a lease to run out");
      Eventually.holds(
          () -> {
            clock.advance(Duration.ofSeconds(1)); // behind whatever the retry counts from
            return stats(engine).dead() == 1;
          },
          () -> "expected one, " + stats(engine));
    } finally {
      log.setLevel(null);
    }
  }

  @Test
  void anExceptionThatCannotEvenBeReadLeadsToADeadLetter() {
    Exception unreadable =
        new Exception() {
          private static final long serialVersionUID = 1;

          @Override
          public String getMessage() {
            throw new StackOverflowError();
          }

          @Override
          public synchronized Throwable getCause() {
            throw new UnsupportedOperationException();
          }
        };
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      Delivery delivery = topic.group("g", ONCE).consumer("c").receive(1, AT_ONCE).get(0);
      assertEquals(Settled.DONE, delivery.nack(unreadable));
      Map<String, String> headers = letters(engine).get(0).headers();
      assertEquals(unreadable.getClass().getName(), headers.get("dlq.error.class"));
      assertEquals(
          "the message cannot be read: java.lang.StackOverflowError",
          headers.get("dlq.error.message"));
      String stack = headers.get("dlq.error.stack");
      assertTrue(stack.endsWith("java.lang.UnsupportedOperationException\n"), stack);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void aCrashAtAnyStepLeavesExactlyOneDeadLetter(String durability, @TempDir Path images) {
    Map<DeadLetterStep, Path> crashed = new EnumMap<>(DeadLetterStep.class);
    Consumer<DeadLetterStep> crash =
        step ->
            crashed.computeIfAbsent(
                step, at -> TestStores.image(dir, images.resolve(at.name())));
    try (Engine engine = open(dir, crash)) {
      Topic topic = topic(engine, Durability.parse(durability));
      send(topic, message("poison"), message("good"));
      io.holdfast.engine.Consumer consumer = topic.group("g", ONCE).consumer("c");
      consumer.receive(1, AT_ONCE).get(0).nack(new Exception("poison"));
    }
    assertEquals(durability.equals("powerLoss") ? 5 : 4, crashed.size());
    for (Path image : crashed.values()) {
      for (int openings = 0; openings < 2; openings++) {
        try (Engine engine = open(image)) {
          assertEquals(1, letters(engine).size(), image.toString());
          assertEquals(1, stats(engine).dead());
          assertEquals(0, stats(engine).dying());
          assertEquals(1, stats(engine).unfinished());
          Message letter = letters(engine).get(0);
          assertEquals("attempts", letter.headers().get("dlq.reason"));
          assertEquals("poison", letter.headers().get("dlq.error.message"));
        }
      }
      try (Engine engine = open(image)) {
        io.holdfast.engine.Consumer consumer = engine.group("g").consumer("c");
        assertEquals(List.of("good"), texts(consumer.receive(10, AT_ONCE)));
      }
    }
  }

  @Test
  void aCrashDuringTheRecoveryOfADeadLetterLeavesOneToo(@TempDir Path images) {
    Path dying = images.resolve("dying");
    try (Engine engine =
        open(
            dir,
            step -> {
              if (step == DeadLetterStep.SLOT_DYING) {
                TestStores.image(dir, dying);
              }
            })) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("poison"));
      topic.group("g", ONCE).consumer("c").receive(1, AT_ONCE).get(0).nack(new Exception());
    }
    Path again = images.resolve("again");
    open(
            dying,
            step -> {
              if (step == DeadLetterStep.LETTER_WRITTEN) {
                TestStores.image(dying, again);
              }
            })
        .close();
    for (Path image : List.of(dying, again)) {
      try (Engine engine = open(image)) {
        assertEquals(1, letters(engine).size());
        assertEquals(0, stats(engine).unfinished());
      }
    }
  }

  @Test
  void aDeadLetterThatCannotBeWrittenIsKeptAndTriedAgainAfterASecond()
      throws InterruptedException {
    AtomicInteger tries = new AtomicInteger();
    Consumer<DeadLetterStep> failTwice =
        step -> {
          if (step == DeadLetterStep.SLOT_DYING && tries.incrementAndGet() <= 2) {
            throw new DiskFullException("no room, says the test");
          }
        };
    try (Engine engine = open(dir, failTwice)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      Delivery delivery = topic.group("g", ONCE).consumer("c").receive(1, AT_ONCE).get(0);
      assertEquals(Settled.DONE, delivery.nack(new Exception("e")));
      assertEquals(1, stats(engine).dying());
      engine.tick();
      assertEquals(1, tries.get(), "not before its time");
      clock.advance(Duration.ofSeconds(1));
      engine.tick();
      Eventually.holds(() -> tries.get() == 2, () -> "expected a second try, found " + tries);
      Eventually.holds(
          () -> {
            clock.advance(Duration.ofSeconds(1)); // the timer may be at the second try just now
            engine.tick();
            return stats(engine).dying() == 0;
          },
          () -> "still dying: " + stats(engine));
      assertEquals(1, letters(engine).size());
      assertNotNull(letters(engine).get(0).headers().get("dlq.error.stack"));
    }
  }

  @Test
  void aMessageThatDiesOnADeadLetterTopicIsParked() {
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      topic.group("g", ONCE).consumer("c").receive(1, AT_ONCE).get(0).nack(new Exception());
      Topic letters = engine.topic("t.g.dlq");
      Group fixers = letters.group("fixers", ONCE);
      Delivery letter = fixers.consumer("c").receive(1, AT_ONCE).get(0);
      assertEquals(Settled.DONE, letter.nack(new Exception("beyond repair")));
      assertEquals(List.of(), fixers.consumer("c").receive(1, AT_ONCE));
      assertEquals(List.of("t", "t.g.dlq"), engine.topics());
    }
    try (Engine engine = open(dir)) {
      assertEquals(
          TestStores.stats("t.g.dlq", 1, 1, 0, 0, 0, 0, 1),
          engine.group("fixers").lag().get(0));
    }
  }

  @Test
  void nobodyButTheEngineSendsToADeadLetterTopic() {
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      topic.group("g", ONCE).consumer("c").receive(1, AT_ONCE).get(0).nack(new Exception());
      Topic letters = engine.topic("t.g.dlq");
      assertThrows(
          InvalidNameException.class, () -> letters.producer(ProducerConfig.named("p")));
    }
  }

  @Test
  void twoGroupsHaveTheirOwnDeadLetters() {
    try (Engine engine = open(dir)) {
      Topic topic = topic(engine, Durability.processCrash());
      send(topic, message("m"));
      for (String name : new String[] {"a", "b"}) {
        topic.group(name, ONCE).consumer("c").receive(1, AT_ONCE).get(0).nack(new Exception());
      }
      assertEquals(List.of("t", "t.a.dlq", "t.b.dlq"), engine.topics());
    }
  }
}
