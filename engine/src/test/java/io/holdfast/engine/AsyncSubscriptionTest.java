package io.holdfast.engine;

import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Eventually;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Handlers that return a stage: its completion is the ack, and no thread waits for it. A close
 * waits for each stage, so it is the last thing that a test does; the engine's cancels the others.
 */
class AsyncSubscriptionTest extends HandlerFixture {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final SubscribeConfig ONE = SubscribeConfig.concurrency(1);

  private final BlockingQueue<CompletableFuture<Object>> begun = new LinkedBlockingQueue<>();

  private CompletionStage<?> begin(Delivery delivery) {
    CompletableFuture<Object> work = new CompletableFuture<>();
    begun.add(work); // before anybody is told
    events.add(text(delivery) + " " + delivery.attempt());
    return work;
  }

  private CompletableFuture<Object> next() throws InterruptedException {
    CompletableFuture<Object> work = begun.poll(30, TimeUnit.SECONDS);
    assertNotNull(work);
    return work;
  }

  @Test
  void completionIsTheAckAndAnErrorTheNackWithItsCause() throws Exception {
    Group group = topic.group("g", config().build());
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(delivery.lastError().orElse("none"));
          CompletableFuture<Object> work = new CompletableFuture<>();
          begun.add(work);
          return work.thenApply(value -> value); // which wraps what it is completed with
        };
    Subscription open = group.subscribeAsync(handler, ONE);
    send("m");
    await("none");
    next().completeExceptionally(new IllegalStateException("no stock"));
    awaitStats(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0)::equals);
    pass(SECOND);
    await("java.lang.IllegalStateException: no stock");
    next().complete("anything");
    awaitStats(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 0)::equals);
    open.close();
  }

  @Test
  void aThrowAndAMissingStageAreNacks() throws Exception {
    Group group = topic.group("g", config().build());
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(delivery.lastError().orElse("none"));
          return switch (delivery.attempt()) {
            case 1 -> throw new IllegalStateException("at once");
            case 2 -> throw new AssertionError("not an exception");
            case 3 -> null;
            case 4 -> CompletableFuture.failedStage(new IllegalStateException("failed before"));
            default -> CompletableFuture.completedStage("done before");
          };
        };
    Subscription open = group.subscribeAsync(handler, ONE);
    send("m");
    await("none");
    for (String error :
        List.of(
            "java.lang.IllegalStateException: at once",
            "java.lang.AssertionError: not an exception",
            "java.lang.NullPointerException: the handler returned no stage",
            "java.lang.IllegalStateException: failed before")) {
      awaitStats(stats -> stats.retrying() == 1);
      pass(SECOND);
      await(error);
    }
    awaitStats(stats -> stats.unfinished() == 0);
    open.close();
  }

  @Test
  void stagesWithoutAThreadAreAsManyAsConcurrencySays() throws Exception {
    Set<String> threads = new HashSet<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          threads.add(Thread.currentThread().getName()); // one thread, so no lock
          return begin(delivery);
        };
    Group group = topic.group("g", config().build());
    Subscription subscription = group.subscribeAsync(handler, SubscribeConfig.concurrency(100));
    for (int i = 0; i < 300; i++) {
      send("m" + i);
    }
    for (int i = 0; i < 300; i++) {
      await("m" + i + " 1");
      if (i >= 99) {
        assertNull(events.peek());
        assertEquals(100, stats().inFlight());
        next().complete(null);
      }
    }
    for (CompletableFuture<Object> rest : begun) {
      rest.complete(null);
    }
    subscription.close();
    assertEquals(Set.of("holdfast-g-1"), threads);
    assertEquals(TestStores.stats("t", 300, 300, 0, 0, 0, 0, 0), stats());
  }

  @Test
  void theLeaseLastsUntilTheStageCompletes() throws Exception {
    Group group = topic.group("g", config().maxProcessing(Duration.ofMinutes(10)).build());
    Subscription open = group.subscribeAsync(this::begin, ONE);
    send("slow");
    await("slow 1");
    for (int i = 0; i < 19; i++) {
      pass(SECOND.multipliedBy(30));
      assertEquals(1, stats().inFlight());
    }
    next().complete(null);
    open.close();
    assertEquals(0, stats().unfinished());
  }

  @Test
  void atMaxProcessingTheAttemptFailsAndTheStageIsCancelled() throws Exception {
    Group group = topic.group("g", config().maxProcessing(SECOND.multipliedBy(45)).build());
    Subscription open = group.subscribeAsync(this::begin, ONE);
    send("stuck");
    await("stuck 1");
    CompletableFuture<Object> stuck = next();
    CountDownLatch cancelled = new CountDownLatch(1);
    stuck.whenComplete((value, error) -> cancelled.countDown());
    pass(SECOND.multipliedBy(30));
    assertEquals(1, stats().inFlight());
    pass(SECOND.multipliedBy(15));
    assertEquals(1, stats().retrying());
    await(cancelled);
    assertTrue(stuck.isCancelled());
    send("other"); // there is room for it
    await("other 1");
    next().complete(null);
    pass(SECOND);
    await("stuck 2");
    next().complete(null);
    open.close();
    assertEquals(0, stats().unfinished());
  }

  @Test
  void aStageThatCannotBeCancelledKeepsItsPlaceAndMayStillAck() throws Exception {
    CompletableFuture<Object> hidden = new CompletableFuture<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          return text(delivery).equals("stuck") ? hidden.minimalCompletionStage() : begin(delivery);
        };
    Group group = topic.group("g", config().maxProcessing(SECOND.multipliedBy(30)).build());
    Subscription open = group.subscribeAsync(handler, ONE);
    send("stuck", "other");
    await("stuck");
    pass(SECOND.multipliedBy(30));
    assertEquals(1, stats().retrying());
    assertFalse(hidden.isDone());
    assertEquals(0, stats().inFlight());
    hidden.complete(null); // late, and nobody else has it
    awaitStats(stats -> stats.retrying() == 0);
    await("other");
    next().complete(null);
    open.close();
    assertEquals(0, stats().unfinished());
  }

  /** The handler is interrupted while it runs, and what it returns all the same is cancelled. */
  @Test
  void aHandlerThatIsInterruptedBeforeItReturnsAStageHasItCancelled() throws Exception {
    CompletableFuture<Object> late = new CompletableFuture<>();
    CountDownLatch never = new CountDownLatch(1);
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          if (text(delivery).equals("next")) {
            events.add("interrupted: " + Thread.currentThread().isInterrupted());
            return CompletableFuture.completedStage(null);
          }
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return late;
        };
    Group group = topic.group("g", config().maxProcessing(SECOND.multipliedBy(30)).build());
    Subscription open = group.subscribeAsync(handler, SubscribeConfig.concurrency(2));
    send("stuck", "next");
    await("stuck");
    pass(SECOND.multipliedBy(30));
    await("next");
    await("interrupted: false");
    Eventually.holds(late::isCancelled, late::toString);
    open.close();
    assertEquals(1, stats().retrying());
  }

  @Test
  void inOrderAKeyIsLockedUntilTheStageOfATimedOutAttemptIsOver() throws Exception {
    CompletableFuture<Object> hidden = new CompletableFuture<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(text(delivery) + " " + delivery.attempt());
          return text(delivery).equals("first") && delivery.attempt() == 1
              ? hidden.minimalCompletionStage()
              : CompletableFuture.completedStage(null);
        };
    Group group =
        topic.group(
            "g",
            config().ordering(Ordering.byKey()).maxProcessing(SECOND.multipliedBy(30)).build());
    Subscription open = group.subscribeAsync(handler, SubscribeConfig.concurrency(4));
    for (String text : List.of("first", "second")) {
      producer.send(Message.builder(text.getBytes(StandardCharsets.UTF_8)).key("k").build());
    }
    await("first 1");
    pass(SECOND.multipliedBy(30)); // the attempt has failed, and its stage goes on
    pass(SECOND.multipliedBy(10)); // the retry is due
    send("without a key");
    await("without a key 1");
    assertNull(events.peek());
    hidden.completeExceptionally(new IllegalStateException("at last"));
    await("first 2");
    await("second 1");
    open.close();
    assertEquals(0, stats().unfinished());
  }

  @Test
  void closeWaitsForStagesAndHandsOutNothingMore() throws Exception {
    Group group = topic.group("g", config().build());
    Subscription subscription = group.subscribeAsync(this::begin, ONE);
    send("m0", "m1");
    await("m0 1");
    subscription.stop();
    Thread closer =
        new Thread(
            () -> {
              subscription.close();
              events.add("closed, unfinished " + stats().unfinished());
            });
    closer.start();
    assertFalse(subscription.awaitEnd(System.nanoTime() + 1_000_000));
    next().complete(null);
    await("closed, unfinished 1");
    assertEquals(0, stats().inFlight());
    closer.join();
  }

  @Test
  void aStageThatOutlivesCloseTimeoutIsCancelledAndItsMessageReleased() throws Exception {
    openImpatient();
    topic.group("g", config().maxAttempts(1).build()).subscribeAsync(this::begin, ONE);
    send("m0");
    await("m0 1");
    engine.close();
    assertTrue(next().isCancelled());
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
  }

  @Test
  void aStageThatOutlivesTheEngineChangesNothing() throws Exception {
    openImpatient();
    CompletableFuture<Object> hidden = new CompletableFuture<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add("begun");
          return hidden.minimalCompletionStage();
        };
    Subscription subscription =
        topic.group("g", config().build()).subscribeAsync(handler, SubscribeConfig.concurrency(2));
    send("m0");
    await("begun");
    engine.close();
    hidden.complete(null);
    assertTrue(subscription.awaitEnd(System.nanoTime() + TimeUnit.SECONDS.toNanos(30)));
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(1, stats().unfinished());
  }

  @Test
  void aHandlerMayCloseItsSubscriptionAndItsEngineBeforeItReturnsItsStage() throws Exception {
    Subscription[] own = new Subscription[1];
    CountDownLatch assigned = new CountDownLatch(1);
    AsyncDeliveryHandler handler =
        delivery -> {
          await(assigned);
          own[0].close();
          engine.close();
          return begin(delivery);
        };
    own[0] = topic.group("g", config().build()).subscribeAsync(handler, ONE);
    assigned.countDown();
    send("m0");
    await("m0 1");
    next().complete(null);
    engine.close();
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(0, stats().unfinished());
  }

  @Test
  void whatIsSettledByHandStaysSo() throws Exception {
    AsyncDeliveryHandler handler =
        delivery -> {
          delivery.reject("by hand");
          return begin(delivery);
        };
    Group group = topic.group("g", config().build());
    Subscription open = group.subscribeAsync(handler, ONE);
    send("m0");
    next().complete(null);
    open.close();
    assertEquals(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 1), stats());
  }

  /** Stages may be of any make: this one refuses to be followed, or says twice that it is over. */
  private static CompletionStage<?> strange(boolean refuses) {
    return (CompletionStage<?>)
        Proxy.newProxyInstance(
            AsyncSubscriptionTest.class.getClassLoader(),
            new Class<?>[] {CompletionStage.class},
            (proxy, method, arguments) -> {
              if (refuses || !method.getName().equals("whenComplete")) {
                throw new UnsupportedOperationException(method.getName());
              }
              tell(arguments[0]);
              return null;
            });
  }

  @SuppressWarnings("unchecked")
  private static void tell(Object follower) {
    BiConsumer<Object, Throwable> typed = (BiConsumer<Object, Throwable>) follower;
    typed.accept(null, null);
    typed.accept(null, new IllegalStateException("over already"));
  }

  @Test
  void aStrangeStageNeitherEndsTheSubscriptionNorTakesTwoPlaces() throws Exception {
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          return text(delivery).startsWith("plain")
              ? begin(delivery)
              : strange(text(delivery).equals("refuses"));
        };
    Group group = topic.group("g", config().build());
    Subscription open = group.subscribeAsync(handler, ONE);
    send("refuses", "twice", "plain 1", "plain 2");
    await("refuses");
    await("twice");
    await("plain 1");
    await("plain 1 1");
    assertEquals(TestStores.stats("t", 0, 4, 3, 1, 1, 0, 0), stats());
    assertFalse(open.awaitEnd(System.nanoTime() + 1_000_000));
    assertNull(events.peek()); // one place, and plain 1 has it
    next().complete(null);
    await("plain 2");
    next().complete(null);
    open.close();
    assertEquals(1, stats().unfinished());
  }
}
