package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of the table of states and events that a consumer can cause, by a clock of its own. */
class DeliveryTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

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

  private static GroupConfig.Builder config() {
    return GroupConfig.builder().backoff(Backoff.fixed(SECOND)).ackTimeout(SECOND.multipliedBy(30));
  }

  private Consumer consumer(GroupConfig.Builder config) {
    return topic.group("g", config.build()).consumer("c");
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      producer.send(message("m" + i));
    }
  }

  private static Delivery one(Consumer consumer) {
    List<Delivery> got = consumer.receive(1, AT_ONCE);
    assertEquals(1, got.size());
    return got.get(0);
  }

  private void assertNothing(Consumer consumer) {
    assertEquals(List.of(), consumer.receive(10, AT_ONCE));
  }

  private GroupStats stats() {
    return TestStores.stats(engine.group("g"));
  }

  @Test
  void aNackedMessageComesAgainAfterTheBackoffWithItsError() {
    send(1);
    Consumer consumer = consumer(config());
    Delivery first = one(consumer);
    assertEquals(Settled.DONE, first.nack(new IllegalStateException("no stock")));
    assertEquals(1, stats().retrying());
    assertNothing(consumer);
    clock.advance(Duration.ofMillis(999));
    assertNothing(consumer);
    clock.advance(Duration.ofMillis(1));
    Delivery second = one(consumer);
    assertEquals(2, second.attempt());
    assertEquals(
        "java.lang.IllegalStateException: no stock", second.lastError().orElseThrow());
    assertEquals(Settled.DONE, second.ack());
    assertEquals(0, stats().unfinished());
  }

  @Test
  void backoffGrowsWithTheFailuresAndStaysWithinItsJitter() {
    send(1);
    Backoff backoff = Backoff.of(SECOND, SECOND.multipliedBy(5)).withJitter(0.2);
    Consumer consumer = consumer(config().backoff(backoff));
    for (long base : new long[] {1_000, 5_000, 5_000}) {
      one(consumer).nack(new Exception());
      clock.advance(Duration.ofMillis(base * 8 / 10 - 1));
      assertNothing(consumer);
      clock.advance(Duration.ofMillis(base * 4 / 10 + 2));
    }
    assertEquals(4, one(consumer).attempt());
  }

  @Test
  void aNackWithADelayWaitsForThatDelay() {
    send(1);
    Consumer consumer = consumer(config());
    one(consumer).nack(new Exception(), Duration.ofHours(3));
    clock.advance(Duration.ofHours(3).minusMillis(1));
    assertNothing(consumer);
    clock.advance(Duration.ofMillis(1));
    one(consumer).nack(new Exception(), Duration.ZERO);
    assertEquals(3, one(consumer).attempt());
  }

  @Test
  void aLeaseThatRunsOutCountsAFailureAndTheMessageComesAgain() {
    send(1);
    Consumer consumer = consumer(config());
    Delivery first = one(consumer);
    clock.advance(SECOND.multipliedBy(30));
    engine.tick();
    assertEquals(1, stats().retrying());
    clock.advance(SECOND);
    Delivery second = one(consumer);
    assertTrue(second.lastError().orElseThrow().startsWith("ackTimeout: "));
    assertEquals(Settled.STALE, first.ack(), "it is leased again");
    assertEquals(Settled.DONE, second.ack());
    assertEquals(Settled.STALE, first.ack());
    assertEquals(Settled.STALE, first.nack(new Exception()));
  }

  @Test
  void aLateAckCountsWhileNobodyElseHasTheMessage() {
    send(2);
    Consumer consumer = consumer(config());
    Delivery delayed = one(consumer);
    clock.advance(SECOND.multipliedBy(30));
    engine.tick();
    assertEquals(Settled.STALE, delayed.nack(new Exception()));
    assertEquals(Settled.STALE, delayed.extend());
    assertEquals(Settled.DONE, delayed.ack());
    assertEquals(Settled.ALREADY_SETTLED, delayed.ack());
    clock.advance(SECOND.multipliedBy(100));
    assertEquals(List.of("m1"), texts(consumer.receive(10, AT_ONCE)));
  }

  @Test
  void anAckAfterANackOfTheSameDeliveryChangesNothing() {
    send(1);
    Consumer consumer = consumer(config());
    Delivery delivery = one(consumer);
    delivery.nack(new Exception());
    assertEquals(Settled.ALREADY_SETTLED, delivery.ack());
    assertEquals(Settled.ALREADY_SETTLED, delivery.release());
    assertEquals(1, stats().retrying());
  }

  @Test
  void aStaleAckNeverHitsAnotherMessageInTheSameSlot() {
    send(200);
    Consumer consumer = consumer(config().maxInFlight(1));
    Delivery old = one(consumer);
    clock.advance(SECOND.multipliedBy(30));
    engine.tick();
    clock.advance(SECOND);
    Delivery again = one(consumer);
    assertEquals("m0", text(again));
    again.ack();
    for (int i = 1; i < 200; i++) {
      Delivery next = one(consumer);
      assertEquals(Settled.STALE, old.ack());
      assertEquals(i, next.offset());
      assertEquals(Settled.DONE, next.ack());
    }
  }

  @Test
  void aReleasedMessageComesAgainAtOnceAndNoFailureIsCounted() {
    send(1);
    Consumer consumer = consumer(config().maxAttempts(1));
    for (int i = 1; i <= 5; i++) {
      Delivery delivery = one(consumer);
      assertEquals(i, delivery.attempt());
      assertEquals(Settled.DONE, delivery.release());
    }
    assertEquals(Settled.DONE, one(consumer).release(SECOND));
    assertNothing(consumer);
    clock.advance(SECOND);
    assertEquals(Settled.DONE, one(consumer).ack());
  }

  @Test
  void closingAConsumerGivesItsMessagesBackAndCountsNothing() {
    send(3);
    Group group = topic.group("g", config().maxAttempts(1).build());
    Consumer first = group.consumer("first");
    List<Delivery> got = first.receive(3, AT_ONCE);
    got.get(1).ack();
    first.close();
    first.close();
    assertThrows(AlreadyClosedException.class, () -> first.receive(1, AT_ONCE));
    Consumer second = group.consumer("second");
    List<Delivery> again = second.receive(3, AT_ONCE);
    assertEquals(List.of("m0", "m2"), texts(again));
    assertEquals(2, again.get(0).attempt());
    assertTrue(again.get(0).lastError().isEmpty());
    assertEquals(0, stats().dead());
  }

  @Test
  void anExtendedLeaseLastsAsLongAgainUpToMaxProcessing() {
    send(1);
    Consumer consumer = consumer(config().maxProcessing(SECOND.multipliedBy(70)));
    Delivery delivery = one(consumer);
    for (int i = 0; i < 2; i++) {
      clock.advance(SECOND.multipliedBy(29));
      assertEquals(Settled.DONE, delivery.extend());
    }
    clock.advance(SECOND.multipliedBy(11));
    engine.tick();
    assertEquals(1, stats().inFlight(), "69 s after the delivery");
    assertEquals(Settled.DONE, delivery.extend());
    clock.advance(SECOND);
    engine.tick();
    assertEquals(1, stats().retrying(), "70 s after the delivery");
  }

  @Test
  void atMaxInFlightNothingMoreIsHandedOutUntilOneIsSettled() {
    send(10);
    Consumer consumer = consumer(config().maxInFlight(4));
    List<Delivery> got = consumer.receive(10, AT_ONCE);
    assertEquals(4, got.size());
    assertNothing(consumer);
    got.get(2).ack();
    assertEquals(List.of("m4"), texts(consumer.receive(10, AT_ONCE)));
    assertEquals(TestStores.stats("t", 0, 10, 9, 4, 0, 0, 0), stats());
  }

  @Test
  void dueRetriesGetAtMostHalfWhileThereAreFirstAttempts() {
    send(20);
    Consumer consumer = consumer(config());
    consumer.receive(8, AT_ONCE).forEach(delivery -> delivery.nack(new Exception()));
    clock.advance(SECOND);
    assertEquals(List.of("m0", "m1", "m8", "m9"), texts(consumer.receive(4, AT_ONCE)));
    int retries = 0;
    for (int i = 0; i < 6; i++) {
      retries += one(consumer).attempt() - 1;
    }
    assertEquals(3, retries, "one by one, every other is a retry");
    List<String> rest = texts(consumer.receive(20, AT_ONCE));
    assertEquals(10, rest.size(), "nobody waits when the others are used up: " + rest);
  }

  @Test
  void whenTooManyWaitForARetryFirstAttemptsStop() {
    send(10);
    Consumer consumer = consumer(config().maxRetrying(3));
    consumer.receive(4, AT_ONCE).forEach(delivery -> delivery.nack(new Exception()));
    assertNothing(consumer);
    clock.advance(SECOND);
    assertEquals(List.of("m0"), texts(consumer.receive(1, AT_ONCE)), "retries go on");
    assertEquals(3, stats().retrying());
    assertEquals(List.of("m1"), texts(consumer.receive(1, AT_ONCE)));
    assertEquals(List.of("m4"), texts(consumer.receive(1, AT_ONCE)), "and then there is room");
  }

  @Test
  void attemptsAndDoneSurviveACrash(@TempDir Path images) {
    send(4);
    Consumer consumer = consumer(config());
    List<Delivery> got = consumer.receive(4, AT_ONCE);
    got.get(0).ack();
    got.get(2).ack();
    got.get(3).nack(new IllegalArgumentException("late"));
    Path image = TestStores.image(dir, images.resolve("crashed"));
    try (Engine next = Engine.open(image, EngineConfig.defaults().withClock(clock))) {
      GroupStats stats = TestStores.stats(next.group("g"));
      assertEquals(TestStores.stats("t", 1, 4, 2, 0, 2, 0, 0), stats);
      Consumer again = next.group("g").consumer("c");
      Delivery out = one(again);
      assertEquals("m1", text(out), "it was out when the process died: free at once");
      assertEquals(2, out.attempt());
      assertEquals(
          "crash: the process died while consumer c had it",
          out.lastError().orElseThrow(),
          "no other was out");
      assertNothing(again);
      clock.advance(SECOND);
      Delivery delayed = one(again);
      assertEquals("m3", text(delayed));
      assertEquals(
          "java.lang.IllegalArgumentException: late", delayed.lastError().orElseThrow());
    }
  }

  @Test
  void aMessageIsSettledByItsIdByWhoHasIt() {
    send(3);
    Consumer consumer = consumer(config());
    List<Delivery> got = consumer.receive(2, AT_ONCE);
    Consumer other = engine.group("g").consumer("other");
    long id = got.get(0).messageId();
    assertEquals(Settled.STALE, other.ack(id), "it is out with another one");
    assertEquals(Settled.DONE, consumer.ack(id));
    assertEquals(Settled.STALE, consumer.ack(id), "it has it no more");
    assertEquals(Settled.DONE, consumer.nack(got.get(1).messageId(), new Exception("no")));
    assertEquals(Settled.STALE, consumer.ack(id + 2), "it was not handed out");
    assertEquals(TestStores.stats("t", 1, 3, 2, 0, 1, 0, 0), stats());
  }

  @Test
  void anAckUpToADeliveryIsForWhatTheSameConsumerHas() {
    send(6);
    Consumer consumer = consumer(config());
    List<Delivery> first = consumer.receive(2, AT_ONCE);
    List<Delivery> others = engine.group("g").consumer("other").receive(2, AT_ONCE);
    List<Delivery> second = consumer.receive(2, AT_ONCE);
    assertEquals(3, second.get(0).ackUpTo());
    assertEquals(List.of(true, true), first.stream().map(Delivery::isSettled).toList());
    assertEquals(List.of(false, false), others.stream().map(Delivery::isSettled).toList());
    assertEquals(0, second.get(0).ackUpTo());
    assertEquals(1, second.get(1).ackUpTo());
    assertEquals(2, stats().unfinished());
  }

  @Test
  void settlingOneOfABatchRenewsTheLeasesOfTheRestUpToMaxProcessing() {
    send(4);
    Consumer consumer =
        consumer(
            config()
                .ackTimeout(Duration.ofSeconds(10))
                .maxProcessing(Duration.ofSeconds(25))
                .backoff(Backoff.fixed(Duration.ZERO)));
    List<Delivery> batch = consumer.receive(3, AT_ONCE);
    Delivery alone = one(consumer);
    clock.advance(Duration.ofSeconds(9));
    batch.get(0).ack();
    clock.advance(Duration.ofSeconds(9)); // 18
    engine.tick();
    assertEquals(2, stats().inFlight(), "the batch, and not the one beside it");
    assertEquals(Settled.STALE, alone.extend());
    batch.get(1).nack(new Exception("no"), Duration.ofDays(1));
    clock.advance(Duration.ofSeconds(6)); // 24
    engine.tick();
    assertEquals(1, stats().inFlight());
    clock.advance(Duration.ofSeconds(1));
    engine.tick();
    assertEquals(0, stats().inFlight(), "after maxProcessing");
  }

  @Test
  void deliveriesOfAClosedEngineSaySo() {
    send(1);
    Delivery delivery = one(consumer(config()));
    engine.close();
    assertThrows(AlreadyClosedException.class, delivery::ack);
    assertThrows(AlreadyClosedException.class, () -> engine.topic("t"));
    assertThrows(AlreadyClosedException.class, () -> producer.send(message("x")));
  }
}
