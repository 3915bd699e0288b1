package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.storage.Durability;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that no group gets before their time, by a clock of its own. */
class DelayedMessageTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;
  private Producer producer;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
    producer = topic.producer(ProducerConfig.named("p"));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void reopen() {
    engine.close();
    open();
  }

  private Consumer consumer(String group) {
    return consumer(group, GroupConfig.defaults());
  }

  private Consumer consumer(String group, GroupConfig config) {
    return topic.group(group, config).consumer("c");
  }

  private Receipt send(String text, Duration delay) {
    return producer.send(builder(text).delay(delay).build());
  }

  private Receipt sendKeyed(String text, String key, Duration delay) {
    return producer.send(builder(text).key(key).delay(delay).build());
  }

  private static Message.Builder builder(String text) {
    return Message.builder(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> receive(Consumer consumer) {
    List<Delivery> got = consumer.receive(100, AT_ONCE);
    got.forEach(Delivery::ack);
    return texts(got);
  }

  private GroupStats stats(String group) {
    return engine.group(group).lag().get(0);
  }

  @Test
  void messagesComeWhenTheyAreDueInTheOrderOfTheirTimes() {
    Consumer consumer = consumer("g");
    send("late", HOUR);
    send("soon", MINUTE);
    producer.send(message("now"));
    assertEquals(List.of("now"), receive(consumer));
    assertEquals(new DelayedMessages(2, Optional.of(at(MINUTE))), topic.delayed());
    clock.advance(MINUTE.minusMillis(1));
    assertEquals(List.of(), receive(consumer));
    clock.advance(Duration.ofMillis(1));
    assertEquals(List.of("soon"), receive(consumer));
    clock.advance(HOUR.minus(MINUTE));
    assertEquals(List.of("late"), receive(consumer));
    assertEquals(new DelayedMessages(0, Optional.empty()), topic.delayed());
    assertEquals(0, stats("g").unfinished());
    assertEquals(3, stats("g").lowWaterMark());
  }

  private Instant at(Duration later) {
    return Instant.ofEpochMilli(clock.time()).plus(later);
  }

  @Test
  void severalThatAreDueAtOnceComeByTimeAndThenByOffset() {
    Consumer consumer = consumer("g");
    send("c", MINUTE.multipliedBy(2));
    send("a", MINUTE);
    send("b", MINUTE);
    assertEquals(List.of(), receive(consumer));
    clock.advance(HOUR);
    assertEquals(List.of("a", "b", "c"), receive(consumer));
  }

  @Test
  void aTimeThatHasPassedAlreadyDelaysNothing() {
    producer.send(builder("m").deliverAt(Instant.ofEpochMilli(clock.time())).build());
    assertEquals(List.of("m"), receive(consumer("g")));
  }

  @Test
  void aConsumerThatWaitsIsWokenWhenAMessageBecomesDue() {
    Consumer consumer = consumer("g");
    send("m", MINUTE);
    assertEquals(List.of(), receive(consumer));
    CompletableFuture<List<Delivery>> got =
        CompletableFuture.supplyAsync(() -> consumer.receive(1, SOON));
    while (!got.isDone()) {
      clock.advance(Duration.ofSeconds(10)); // once it waits, only a tick wakes it
      engine.tick();
      Thread.onSpinWait();
    }
    assertEquals(List.of("m"), texts(got.join()));
  }

  @Test
  void aDelayedMessageSurvivesACloseAndADeath() {
    Consumer consumer = consumer("g");
    send("far", Duration.ofDays(365));
    send("near", HOUR);
    producer.send(message("now"));
    assertEquals(List.of("now"), receive(consumer));
    reopen();
    assertEquals(List.of(), receive(consumer("g")));
    clock.advance(HOUR);
    Path image = TestStores.image(dir, dir.resolveSibling(dir.getFileName() + "-image"));
    try (Engine killed = Engine.open(image, EngineConfig.defaults().withClock(clock));
        Consumer again = killed.group("g").consumer("c")) {
      assertEquals(List.of("near"), receive(again));
      clock.advance(Duration.ofDays(365));
      assertEquals(List.of("far"), receive(again));
    } finally {
      TestStores.delete(image);
    }
    assertEquals(List.of("near", "far"), receive(engine.group("g").consumer("d")));
  }

  @Test
  void whatBecameDueWhileTheStoreWasClosedComesAtOnce() {
    Consumer consumer = consumer("g");
    send("b", HOUR);
    send("a", MINUTE);
    assertEquals(List.of(), receive(consumer));
    engine.close();
    clock.advance(HOUR);
    open();
    assertEquals(List.of("b", "a"), receive(consumer("g")), "in the order of the topic");
  }

  @Test
  void aGroupThatJoinsLaterGetsEachMessageInItsTime() {
    Consumer first = consumer("g");
    send("late", HOUR);
    send("soon", MINUTE);
    assertEquals(List.of(), receive(first));
    clock.advance(MINUTE);
    assertEquals(List.of("soon"), receive(first));
    Consumer second = consumer("h");
    assertEquals(List.of("soon"), receive(second));
    clock.advance(HOUR);
    assertEquals(List.of("late"), receive(first));
    assertEquals(List.of("late"), receive(second));
    assertEquals(List.of("late", "soon"), receive(consumer("i")), "in the order of the topic");
  }

  @Test
  void aFailedDelayedMessageIsRetriedAndComesToNobodyTwiceAtOnce() {
    Consumer consumer = consumer("g", GroupConfig.builder().backoff(Backoff.fixed(HOUR)).build());
    send("m", MINUTE);
    assertEquals(List.of(), receive(consumer));
    clock.advance(MINUTE);
    List<Delivery> out = consumer.receive(10, AT_ONCE);
    assertEquals(List.of("m"), texts(out));
    assertEquals(List.of(), consumer.receive(10, AT_ONCE));
    out.get(0).nack(new Exception("again"));
    assertEquals(List.of(), consumer.receive(10, AT_ONCE));
    reopen();
    Consumer again = consumer("g", GroupConfig.builder().backoff(Backoff.fixed(HOUR)).build());
    assertEquals(List.of(), again.receive(10, AT_ONCE), "it waits for its retry");
    clock.advance(HOUR);
    List<Delivery> second = again.receive(10, AT_ONCE);
    assertEquals(List.of("m"), texts(second));
    assertEquals(2, second.get(0).attempt());
    assertEquals(List.of(), again.receive(10, AT_ONCE));
    second.get(0).ack();
    assertEquals(0, stats("g").unfinished());
  }

  @Test
  void aClockThatStepsBackDelaysWhatIsNotOutAndDoublesNothing() {
    Consumer consumer = consumer("g");
    send("a", MINUTE);
    send("b", MINUTE.multipliedBy(2));
    assertEquals(List.of(), receive(consumer));
    clock.advance(MINUTE);
    List<Delivery> out = consumer.receive(10, AT_ONCE);
    assertEquals(List.of("a"), texts(out));
    clock.advance(HOUR.negated());
    producer.send(builder("c").deliverAt(at(MINUTE)).build());
    assertEquals(List.of(), consumer.receive(10, AT_ONCE));
    clock.advance(MINUTE);
    assertEquals(List.of("c"), receive(consumer), "due before what the clock had reached");
    out.get(0).ack();
    clock.advance(HOUR.plus(MINUTE));
    assertEquals(List.of("b"), receive(consumer));
    assertEquals(0, stats("g").unfinished());
  }

  @Test
  void anOrderByKeyIsBlockedByNoDelayAndKeptFromWhenItIsDue() {
    Consumer consumer =
        consumer("g", GroupConfig.builder().ordering(Ordering.byKey()).build());
    sendKeyed("a1", "a", MINUTE);
    sendKeyed("a2", "a", Duration.ZERO);
    sendKeyed("a3", "a", Duration.ZERO);
    List<Delivery> first = consumer.receive(10, AT_ONCE);
    assertEquals(List.of("a2"), texts(first));
    clock.advance(MINUTE);
    assertEquals(List.of(), consumer.receive(10, AT_ONCE), "the key is taken");
    first.get(0).ack();
    List<String> then = new ArrayList<>(receive(consumer));
    then.addAll(receive(consumer));
    assertEquals(List.of("a3", "a1"), then, "one that is due takes the next place of its key");
    assertEquals(0, stats("g").unfinished());
  }

  @Test
  void inAnOrderARetryThatARunHasTooIsMetAfterAnOpening() {
    DelayLimits small = new DelayLimits(3, 4, 1, 2, 64, 1);
    engine.close();
    engine = EngineInside.open(dir, EngineConfig.defaults().withClock(clock), small);
    topic = engine.topic("t");
    producer = topic.producer(ProducerConfig.named("p"));
    GroupConfig config = GroupConfig.builder().ordering(Ordering.byKey()).build();
    Consumer consumer = consumer("g", config);
    sendKeyed("far", "a", HOUR);
    sendKeyed("near", "b", MINUTE);
    sendKeyed("behind", "b", MINUTE.multipliedBy(2));
    sendKeyed("last", "c", HOUR);
    assertEquals(List.of(), receive(consumer));
    EngineInside.awaitAgent(engine);
    clock.advance(MINUTE);
    Delivery near = consumer.receive(1, AT_ONCE).get(0);
    near.nack(new IllegalStateException("again"), MINUTE);
    engine.close();
    engine = EngineInside.open(dir, EngineConfig.defaults().withClock(clock), small);
    topic = engine.topic("t");
    consumer = consumer("g", config);
    assertEquals(List.of(), receive(consumer));
    clock.advance(MINUTE);
    assertEquals(List.of("near"), receive(consumer));
    assertEquals(List.of("behind"), receive(consumer));
    clock.advance(HOUR);
    assertEquals(List.of("far", "last"), receive(consumer));
  }

  @Test
  void aTotalOrderGoesOnWhileAMessageWaitsAndHandsOutOneAtATime() {
    Consumer consumer = consumer("g", GroupConfig.builder().ordering(Ordering.total()).build());
    send("later", MINUTE);
    producer.send(message("x"));
    producer.send(message("y"));
    List<Delivery> x = consumer.receive(10, AT_ONCE);
    assertEquals(List.of("x"), texts(x));
    clock.advance(MINUTE);
    assertEquals(List.of(), consumer.receive(10, AT_ONCE));
    x.get(0).ack();
    List<Delivery> later = consumer.receive(10, AT_ONCE);
    assertEquals(List.of("later"), texts(later));
    assertEquals(List.of(), consumer.receive(10, AT_ONCE));
    later.get(0).ack();
    assertEquals(List.of("y"), receive(consumer));
  }

  @Test
  void dueMessagesRespectMaxInFlightAndShareItWithNewOnes() {
    Consumer consumer = consumer("g", GroupConfig.builder().maxInFlight(4).build());
    for (int i = 0; i < 10; i++) {
      send("d" + i, MINUTE);
    }
    assertEquals(List.of(), receive(consumer));
    clock.advance(MINUTE);
    for (int i = 0; i < 10; i++) {
      producer.send(message("n" + i));
    }
    List<Delivery> got = consumer.receive(100, AT_ONCE);
    assertEquals(List.of("d0", "d1", "n0", "n1"), texts(got));
    assertEquals(List.of(), consumer.receive(100, AT_ONCE));
    got.forEach(Delivery::ack);
    List<String> rest = new ArrayList<>();
    for (List<String> more = receive(consumer); !more.isEmpty(); more = receive(consumer)) {
      assertTrue(more.size() <= 4, () -> "more than maxInFlight");
      rest.addAll(more);
    }
    assertEquals(16, rest.size());
    assertEquals(0, stats("g").unfinished());
  }

  @Test
  void aCancelledMessageComesToNoGroupThatThereIsNorToOneThatComes() {
    Consumer met = consumer("g");
    Receipt sent = send("m", HOUR);
    send("other", HOUR);
    assertEquals(List.of(), receive(met));
    Consumer unmet = consumer("h");
    assertTrue(topic.cancel(sent));
    assertTrue(topic.cancel(sent.offset()), "once more says the same");
    assertEquals(1, stats("g").lowWaterMark(), "it is done at once where it was met");
    clock.advance(HOUR);
    assertEquals(List.of("other"), receive(met));
    assertEquals(List.of("other"), receive(unmet));
    assertTrue(topic.cancel(sent), "also when its time has passed");
    reopen();
    assertEquals(List.of("other"), receive(consumer("i")));
    assertEquals(2, stats("g").lowWaterMark());
    assertEquals(2, stats("i").lowWaterMark());
  }

  @Test
  void whatIsDueOrOutOrHasNoTimeIsNotCancelled() {
    Consumer consumer = consumer("g");
    Receipt plain = producer.send(message("plain"));
    Receipt out = send("out", MINUTE);
    Receipt due = send("due", MINUTE.multipliedBy(2));
    assertEquals(List.of("plain"), receive(consumer));
    clock.advance(MINUTE);
    List<Delivery> got = consumer.receive(10, AT_ONCE);
    assertFalse(topic.cancel(plain));
    assertFalse(topic.cancel(out));
    clock.advance(MINUTE);
    assertFalse(topic.cancel(due), "nobody has it yet, but its time has come");
    clock.advance(HOUR.negated());
    assertFalse(topic.cancel(out), "also when the clock steps back");
    clock.advance(HOUR);
    got.forEach(Delivery::ack);
    assertEquals(List.of("due"), receive(consumer));
    assertFalse(topic.cancel(due), "it is done");
  }

  @Test
  void aRetryThatWasCancelledInALifeWithAnEarlierClockIsNotHandedOut() {
    GroupConfig config = GroupConfig.builder().backoff(Backoff.fixed(MINUTE)).build();
    Consumer consumer = consumer("g", config);
    Receipt sent = send("m", MINUTE);
    assertEquals(List.of(), receive(consumer));
    clock.advance(MINUTE);
    consumer.receive(1, AT_ONCE).get(0).nack(new Exception());
    engine.close();
    clock.advance(HOUR.negated());
    open();
    assertTrue(topic.cancel(sent), "by this clock it is not due");
    clock.advance(HOUR.multipliedBy(2));
    assertEquals(List.of(), receive(consumer("g", config)));
    assertEquals(0, stats("g").unfinished());
  }

  @Test
  void cancellingWhatIsNotThereSaysSo() {
    send("m", HOUR);
    Topic other = engine.topic("u", TestStores.small().build());
    Receipt elsewhere;
    try (Producer there = other.producer(ProducerConfig.named("p"))) {
      elsewhere = there.send(builder("m").delay(HOUR).build());
    }
    assertThrows(IllegalArgumentException.class, () -> topic.cancel(-1));
    assertThrows(IllegalArgumentException.class, () -> topic.cancel(1));
    assertThrows(IllegalArgumentException.class, () -> topic.cancel(elsewhere));
    assertTrue(other.cancel(elsewhere));
  }

  @Test
  void aCancelSurvivesADeathAndHoldsForGroupsThatHadNotHeardOfIt() {
    Consumer consumer = consumer("g");
    Receipt sent = send("m", HOUR);
    send("n", HOUR);
    assertEquals(List.of(), receive(consumer));
    Path before = TestStores.image(dir, dir.resolveSibling(dir.getFileName() + "-before"));
    assertTrue(topic.cancel(sent));
    Path image = TestStores.image(dir, dir.resolveSibling(dir.getFileName() + "-after"));
    // The group's state of before, as if a power cut had taken its bit: delays are of after.
    TestStores.delete(image.resolve("groups"));
    TestStores.image(before.resolve("groups"), image.resolve("groups"));
    clock.advance(HOUR);
    try (Engine killed = Engine.open(image, EngineConfig.defaults().withClock(clock));
        Consumer again = killed.group("g").consumer("c")) {
      assertEquals(List.of("n"), receive(again));
      assertEquals(2, killed.group("g").lag().get(0).lowWaterMark());
    } finally {
      TestStores.delete(image);
      TestStores.delete(before);
    }
  }
}
