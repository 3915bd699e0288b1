package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.DeadLetterStep;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that wait for each other. A message "a1" has the key "a", and "-1" has none. */
class OrderTest {
  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;

  @BeforeEach
  void open() {
    engine = Engine.open(dir.resolve("store"), EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().build());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Group group(Ordering ordering) {
    return topic.group("g", config().ordering(ordering).build());
  }

  private static GroupConfig.Builder config() {
    return GroupConfig.builder()
        .ackTimeout(Duration.ofSeconds(10))
        .maxProcessing(Duration.ofSeconds(20))
        .maxAttempts(2)
        .backoff(Backoff.fixed(Duration.ofSeconds(1)));
  }

  private void send(String... texts) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (String text : texts) {
        Message.Builder message = Message.builder(text.getBytes(StandardCharsets.UTF_8));
        producer.send(text.startsWith("-") ? message.build() : message.key(key(text)).build());
      }
    }
  }

  private static String key(String text) {
    return text.substring(0, 1);
  }

  private List<Delivery> receive() {
    return engine.group("g").consumer("c").receive(100, AT_ONCE);
  }

  /** What comes behind a dead letter, which the engine's timer may be at. */
  private List<Delivery> receiveSoon() {
    return engine.group("g").consumer("c").receive(100, TestStores.SOON);
  }

  private void pass(Duration time) {
    clock.advance(time);
    engine.tick();
  }

  @Test
  void oneMessageOfAKeyIsOutAtATimeAndThoseWithoutAKeyWaitForNobody() {
    Group group = group(Ordering.byKey());
    send("a1", "a2", "b1", "-1", "a3", "-2", "b2");
    List<Delivery> got = receive();
    assertEquals(List.of("a1", "b1", "-1", "-2"), texts(got));
    assertEquals(List.of(), receive());
    got.get(0).ack();
    assertEquals(List.of("a2"), texts(receive()));
    got.get(1).ack();
    assertEquals(List.of("b2"), texts(receive()));
    assertEquals(7 - 2, group.lag().get(0).unfinished());
  }

  @Test
  void aKeyWaitsForItsRetryAndGoesOnBehindADeadLetter() {
    group(Ordering.byKey());
    send("a1", "a2", "b1");
    receive().forEach(delivery -> delivery.nack(new IllegalStateException()));
    assertEquals(List.of(), receive(), "a2 waits for the retry of a1");
    pass(Duration.ofSeconds(1));
    List<Delivery> again = receive();
    assertEquals(List.of("a1", "b1"), texts(again));
    again.forEach(delivery -> delivery.nack(new IllegalStateException()));
    assertEquals(List.of("a2"), texts(receiveSoon()), "a1 is a dead letter");
  }

  @Test
  void aKeyStaysLockedWhenTheEngineIsOpenedAgain() {
    group(Ordering.byKey());
    send("a1", "a2", "b1", "b2");
    List<Delivery> got = receive();
    got.get(0).nack(new IllegalStateException(), Duration.ofHours(1));
    got.get(1).ack();
    engine.close();
    open();
    assertEquals(List.of("b2"), texts(receive()), "a2 waits for the retry of a1");
    pass(Duration.ofHours(1));
    assertEquals(List.of("a1"), texts(receive()));
  }

  @Test
  void theDispatcherLooksNoFurtherAheadThanItMay() {
    group(Ordering.byKey().withLookahead(2));
    send("a1", "a2", "a3", "b1");
    List<Delivery> got = receive();
    assertEquals(List.of("a1"), texts(got), "two others were passed by before b1");
    got.get(0).ack();
    assertEquals(List.of("a2", "b1"), texts(receive()));
  }

  @Test
  void inTotalOrderOneMessageIsOutAtATime() {
    group(Ordering.total());
    send("a1", "b1", "-1");
    for (String text : List.of("a1", "b1", "-1")) {
      List<Delivery> got = receive();
      assertEquals(List.of(text), texts(got));
      got.get(0).nack(new IllegalStateException());
      assertEquals(List.of(), receive());
      pass(Duration.ofSeconds(1));
      List<Delivery> again = receive();
      assertEquals(List.of(text), texts(again));
      again.get(0).ack();
    }
  }

  @Test
  void aMessageMayBlockItsKeyForEver() {
    Group group = group(Ordering.byKey().withOnPoison(Ordering.OnPoison.BLOCK));
    send("a1", "a2", "b1");
    receive().forEach(d -> d.nack(new IllegalStateException()));
    for (int attempt = 2; attempt < 10; attempt++) {
      pass(Duration.ofSeconds(1));
      List<Delivery> got = receive();
      assertEquals(List.of("a1", "b1"), texts(got));
      got.forEach(d -> d.nack(new IllegalStateException()));
    }
    assertEquals(0, group.lag().get(0).dead());
    pass(Duration.ofSeconds(1));
    receive().get(0).reject("enough");
    assertEquals(List.of("a2"), texts(receiveSoon()));
  }

  @Test
  void theRestOfAKeyMayFollowItsDeadLetterUntilItIsResumed() {
    Ordering ordering = Ordering.byKey().withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY);
    Group group = group(ordering);
    send("a1", "a2", "b1", "-1", "a3");
    List<Delivery> got = receive();
    assertEquals(List.of("a1", "b1", "-1"), texts(got));
    got.get(0).reject("broken");
    for (int letters = 1; letters <= 3; letters++) {
      awaitLetters(letters);
      assertEquals(List.of(), receive());
    }
    assertEquals(Set.of("a"), group.poisonedKeys("t"));
    engine.close();
    open();
    send("a4", "b2");
    assertEquals(List.of("b1", "-1"), texts(receive()));
    awaitLetters(4);
    assertEquals(
        List.of("a1 rejected", "a2 key", "a3 key", "a4 key"), letters(), "after a restart, too");
    assertTrue(engine.group("g").resumeKey("t", "a"));
    assertFalse(engine.group("g").resumeKey("t", "a"));
    send("a5");
    assertEquals(List.of("a5"), texts(receive()));
  }

  /** The engine's timer may be at one of them. */
  private void awaitLetters(int count) {
    long deadline = System.nanoTime() + TestStores.SOON.toNanos();
    GroupStats stats = engine.group("g").lag().get(0);
    while ((stats.dead() < count || stats.dying() > 0) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      stats = engine.group("g").lag().get(0);
    }
    assertEquals(count, stats.dead());
  }

  /** Its handler has returned, and its letter cannot be written yet: both have to be over. */
  @Test
  void aKeyStaysLockedUntilItsDeadLetterIsThere() throws Exception {
    engine.close();
    AtomicInteger tries = new AtomicInteger();
    engine =
        EngineInside.open(
            dir.resolve("store"),
            EngineConfig.defaults().withClock(clock),
            step -> {
              if (step == DeadLetterStep.SLOT_DYING && tries.incrementAndGet() == 1) {
                throw new IllegalStateException("no room");
              }
            });
    topic = engine.topic("t");
    Ordering rest = Ordering.byKey().withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY);
    Group group = group(rest);
    send("a1", "a2");
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    DeliveryHandler handler =
        delivery -> {
          handled.add(TestStores.text(delivery));
          delivery.reject("broken");
        };
    try (Subscription two = group.subscribe(handler, SubscribeConfig.concurrency(2))) {
      assertEquals("a1", handled.poll(30, TimeUnit.SECONDS), two::toString);
      long deadline = System.nanoTime() + TestStores.SOON.toNanos();
      while (group.lag().get(0).dying() == 0 && System.nanoTime() < deadline) {
        Thread.onSpinWait(); // no time passes before the handler has rejected it
      }
      while (group.lag().get(0).dead() < 2 && System.nanoTime() < deadline) {
        pass(Duration.ofSeconds(1)); // the letter is tried again, and that of a2 behind it
        Thread.onSpinWait();
      }
    }
    assertEquals(List.of(), new ArrayList<>(handled), "a2 follows a1");
    assertEquals(List.of("a1 rejected", "a2 key"), letters());
  }

  /** The slot of a message without a key is used again while its handler still runs. */
  @Test
  void aKeyDoesNotWaitForAHandlerThatHadItsSlotBefore() throws Exception {
    Group group = group(Ordering.byKey());
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          if (delivery.message().key().isEmpty()) {
            delivery.reject("broken"); // its letter is written, and it goes on
            handled.add("rejected");
            goOn.await();
          } else {
            handled.add(TestStores.text(delivery));
          }
        };
    Subscription two = group.subscribe(handler, SubscribeConfig.concurrency(2));
    try {
      send("-1");
      assertEquals("rejected", handled.poll(30, TimeUnit.SECONDS));
      awaitLetters(1);
      send("a1", "a2");
      assertEquals("a1", handled.poll(30, TimeUnit.SECONDS));
      assertEquals("a2", handled.poll(30, TimeUnit.SECONDS));
    } finally {
      goOn.countDown();
      two.close();
    }
  }

  private List<String> letters() {
    List<String> letters = new ArrayList<>();
    try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
      reader.poll(
          letter ->
              letters.add(
                  new String(letter.toMessage().payload(), StandardCharsets.UTF_8)
                      + " " + letter.header("dlq.reason").orElseThrow()),
          100);
    }
    return letters;
  }

  @Test
  void aKeyStaysLockedUntilTheHandlerThatTookTooLongHasReturned() throws Exception {
    Group group = group(Ordering.byKey());
    send("a1", "a2");
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          handled.add(TestStores.text(delivery) + " " + delivery.attempt());
          boolean waiting = delivery.attempt() == 1 && delivery.offset() == 0;
          while (waiting) {
            try {
              goOn.await();
              waiting = false;
            } catch (InterruptedException e) {
              handled.add("interrupted");
            }
          }
        };
    Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(2));
    try {
      assertEquals("a1 1", handled.poll(30, TimeUnit.SECONDS));
      pass(Duration.ofSeconds(10));
      pass(Duration.ofSeconds(10)); // maxProcessing
      assertEquals("interrupted", handled.poll(30, TimeUnit.SECONDS));
      pass(Duration.ofSeconds(5)); // the retry is due
      assertEquals(1, group.lag().get(0).retrying());
      assertEquals(0, group.lag().get(0).inFlight(), "it waits for the handler");
      goOn.countDown(); // and its return is a late ack
      assertEquals("a2 1", handled.poll(30, TimeUnit.SECONDS));
    } finally {
      goOn.countDown();
      subscription.close();
    }
    assertEquals(List.of(), new ArrayList<>(handled));
    assertEquals(0, group.lag().get(0).unfinished());
  }
}
