package io.holdfast.engine;

import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Eventually;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StoreInUseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * What a close means for whatever is under way, and what it leaves. The rows of the table in
 * docs/architecture.md that no other test holds.
 */
class CloseTest extends HandlerFixture {
  private final CountDownLatch goOn = new CountDownLatch(1);

  private void handleUntilToldTo(Delivery delivery) throws InterruptedException {
    events.add("running");
    await(goOn);
  }

  private Subscription runOne() throws InterruptedException {
    Group group = topic.group("g", config().build());
    Subscription subscription =
        group.subscribe(this::handleUntilToldTo, SubscribeConfig.concurrency(1));
    send("m0");
    await("running");
    return subscription;
  }

  /** Returns a thread that closes the engine and waits for the end of that. */
  private Thread closing() throws InterruptedException {
    Thread thread =
        new Thread(
            () -> {
              engine.close();
              events.add("closed");
            });
    thread.start();
    Eventually.holds(
        () -> thread.getState() == Thread.State.WAITING, () -> thread + " does not wait");
    return thread;
  }

  @Test
  void aSecondCloseWaitsForTheFirst() throws Exception {
    runOne();
    Thread first = closing();
    Thread second = closing();
    assertNull(events.poll());
    goOn.countDown();
    await("closed");
    await("closed");
    first.join();
    second.join();
    open();
    assertEquals(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 0), stats());
  }

  @Test
  void theStoreIsInUseUntilItsCloseHasEnded() throws Exception {
    runOne();
    Thread closer = closing();
    assertThrows(StoreInUseException.class, () -> Engine.open(dir));
    goOn.countDown();
    closer.join();
    open();
  }

  @Test
  void aHandlerMaySendWhileItsEngineCloses() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("running");
          await(begun);
          assertThrows(AlreadyClosedException.class, () -> engine.topic("t"));
          producer.sendAsync(message("async"), (receipt, error) -> events.add("told " + error));
          events.add("sent " + producer.send(message("sync")).offset());
        };
    topic.group("g", config().build()).subscribe(handler, SubscribeConfig.concurrency(1));
    send("m0");
    await("running");
    Thread closer = closing();
    begun.countDown();
    closer.join();
    assertTrue(events.contains("told null"), events::toString);
    assertTrue(events.contains("sent 1") || events.contains("sent 2"), events::toString);
    open();
    assertEquals(TestStores.stats("t", 1, 3, 2, 0, 0, 0, 0), stats());
  }

  @Test
  void aReceiveThatWaitsIsToldOfTheClose() throws Exception {
    Consumer consumer = topic.group("g", config().build()).consumer("c");
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    Thread receiver =
        new Thread(
            () ->
                told.complete(
                    assertThrows(RuntimeException.class, () -> consumer.receive(1, SOON))));
    receiver.start();
    Eventually.holds(
        () -> receiver.getState() == Thread.State.TIMED_WAITING, () -> "it does not wait");
    engine.close();
    assertInstanceOf(AlreadyClosedException.class, told.get(30, TimeUnit.SECONDS));
  }

  @Test
  void aHandlerThatDoesNotHeedItsInterruptIsLeftBehindAndNobodyIsBlamed() throws Exception {
    openImpatient();
    DeliveryHandler deaf =
        delivery -> {
          events.add("running");
          boolean ended = false;
          while (!ended) {
            try {
              goOn.await();
              ended = true;
            } catch (InterruptedException e) {
              events.add("interrupted");
            }
          }
        };
    Subscription subscription =
        topic
            .group("g", config().maxAttempts(1).build())
            .subscribe(deaf, SubscribeConfig.concurrency(1));
    send("m0");
    await("running");
    engine.close();
    await("interrupted");
    open();
    assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
    goOn.countDown();
    assertTrue(subscription.awaitEnd(System.nanoTime() + TimeUnit.SECONDS.toNanos(30)));
    assertEquals(1, stats().unfinished()); // its ack came too late for the engine that it had
    Delivery again = engine.group("g").consumer("c").receive(1, Duration.ZERO).get(0);
    assertEquals(2, again.attempt());
    assertFalse(again.lastError().isPresent());
  }

  /** Nobody knows which thread that will be, so the close waits for it, as long as it may. */
  @Test
  void fromAStagesCompletionTheEnginesCloseWaitsForCloseTimeoutAndTheMessageIsGivenBack()
      throws Exception {
    openImpatient();
    CompletableFuture<Object> work = new CompletableFuture<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          CompletableFuture<Void> stage = work.thenRun(engine::close);
          events.add("begun");
          return stage;
        };
    Group group = topic.group("g", config().maxAttempts(1).build());
    Subscription subscription = group.subscribeAsync(handler, SubscribeConfig.concurrency(1));
    send("m0");
    await("begun");
    work.complete(null); // runs the close
    assertTrue(subscription.awaitEnd(System.nanoTime() + TimeUnit.SECONDS.toNanos(30)));
    open();
    assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
  }

  @Test
  void aReaderMayCloseTheEngineThatItReadsFrom() throws Exception {
    send("m0", "m1");
    try (Reader reader = topic.reader(StartAt.earliest())) {
      assertEquals(
          2,
          reader.poll(
              view -> {
                engine.close();
                events.add(new String(view.toMessage().payload()));
              },
              2));
      await("m0");
      await("m1"); // the memory that it stands in stays until it leaves
      assertThrows(HoldfastException.class, () -> reader.poll(view -> {}, 1));
    }
    open();
  }

  @Test
  void aConsumersCloseGivesBackWhatIsOutAndALateAckStillCounts() {
    Group group = topic.group("g", config().maxAttempts(1).build());
    Consumer consumer = group.consumer("c");
    send("m0", "m1");
    List<Delivery> out = consumer.receive(2, Duration.ZERO);
    consumer.close();
    consumer.close();
    assertEquals(TestStores.stats("t", 0, 2, 2, 0, 2, 0, 0), stats());
    assertThrows(AlreadyClosedException.class, () -> consumer.receive(1, Duration.ZERO));
    assertEquals(Settled.DONE, out.get(0).ack());
    assertEquals(Settled.STALE, out.get(1).nack(new IllegalStateException("too late")));
    List<Delivery> again = group.consumer("d").receive(2, Duration.ZERO);
    assertEquals(List.of("m1"), texts(again));
    assertEquals(2, again.get(0).attempt());
  }

  /**
   * The subscription is closed at the moment at which its thread takes the second message: the
   * first one, whose stage goes on, must not be given back with it.
   */
  @Test
  void whatAReceiveTookBehindTheCloseIsGivenBackAndNothingElse() throws Exception {
    AtomicReference<Subscription> toClose = new AtomicReference<>();
    engine.close();
    open(EngineConfig.defaults().withClock(() -> timeAndCloseWhenTwoAreOut(toClose)));
    CompletableFuture<Object> work = new CompletableFuture<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          return work;
        };
    Group group = topic.group("g", config().build());
    Subscription subscription = group.subscribeAsync(handler, SubscribeConfig.concurrency(2));
    send("m0");
    await("m0");
    awaitStats(stats -> stats.inFlight() == 1);
    toClose.set(subscription);
    send("m1");
    awaitStats(stats -> stats.retrying() == 1);
    assertEquals(TestStores.stats("t", 0, 2, 2, 1, 1, 0, 0), stats());
    work.complete(null);
    subscription.close();
    assertEquals(TestStores.stats("t", 1, 2, 1, 0, 1, 0, 0), stats());
  }

  /** Asked under the lock of the group and topic, before the receive that took the second ends. */
  private long timeAndCloseWhenTwoAreOut(AtomicReference<Subscription> toClose) {
    if (Thread.currentThread().getName().equals("holdfast-g-1")) {
      Subscription subscription = toClose.getAndSet(null); // stats ask for the time, too
      if (subscription != null && stats().inFlight() == 2) {
        subscription.stop();
      } else if (subscription != null) {
        toClose.set(subscription);
      }
    }
    return clock.time();
  }

  @Test
  void everythingOfAClosedEngineSaysSoAndCanBeClosedAgain() {
    Group group = topic.group("g", config().build());
    Consumer consumer = group.consumer("c");
    Subscription subscription =
        group.subscribe(delivery -> {}, SubscribeConfig.concurrency(1));
    Reader reader = topic.reader(StartAt.earliest());
    engine.close();
    List<Executable> verbs =
        List.of(
            () -> engine.topic("t"),
            () -> engine.topic("u", TestStores.small().build()),
            () -> engine.topics(),
            () -> engine.group("g"),
            () -> engine.group("h", config().build()),
            () -> engine.groups(),
            () -> topic.producer(ProducerConfig.named("q")),
            () -> topic.group("h", config().build()),
            () -> producer.send(message("m")),
            () -> producer.sendAll(List.of(message("m"))),
            () -> producer.sendAsync(message("m")),
            () -> group.topics("t"),
            () -> group.consumer("d"),
            () -> group.subscribe(delivery -> {}, SubscribeConfig.concurrency(1)),
            () -> group.lag(),
            () -> group.poisonedKeys("t"),
            () -> group.resumeKey("t", "k"),
            () -> group.deadLetters("t"),
            () -> group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults()),
            () -> consumer.receive(1, SOON),
            () -> consumer.ack(0));
    for (int i = 0; i < verbs.size(); i++) {
      int number = i;
      assertThrows(AlreadyClosedException.class, verbs.get(i), () -> "verb " + number);
    }
    assertThrows(HoldfastException.class, () -> topic.reader(StartAt.earliest()));
    assertThrows(HoldfastException.class, () -> reader.poll(view -> {}, 1));
    assertDoesNotThrow(reader::close);
    assertDoesNotThrow(consumer::close);
    assertDoesNotThrow(subscription::close);
    assertTrue(subscription.drain(Duration.ZERO));
    assertDoesNotThrow(producer::close);
    assertDoesNotThrow(engine::close);
  }
}
