package io.holdfast.engine;

import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Eventually;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A drain has all handled that was handed out, and takes nothing more. */
class DrainTest extends HandlerFixture {
  private static final Duration LONG = Duration.ofDays(1);

  private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>(); // of nobody's threads

  private SubscribeConfig queued(int concurrency) {
    return SubscribeConfig.concurrency(concurrency).withExecutor(queue::add);
  }

  private Runnable task() throws InterruptedException {
    Runnable task = queue.poll(30, TimeUnit.SECONDS);
    assertNotNull(task);
    return task;
  }

  /** Returns the drain's answer, once it waits. */
  private CompletableFuture<Boolean> draining(Subscription subscription) throws Exception {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Thread thread = new Thread(() -> answer.complete(subscription.drain(LONG)));
    thread.start();
    Eventually.holds(
        () -> thread.getState() == Thread.State.TIMED_WAITING, () -> thread + " does not wait");
    return answer;
  }

  private static boolean answer(CompletableFuture<Boolean> drain) throws Exception {
    return drain.get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatWaitsInTheQueueIsHandledAndNothingMoreIsTaken() throws Exception {
    DeliveryHandler handler = delivery -> events.add("handled " + text(delivery));
    Subscription subscription = topic.group("g", config().build()).subscribe(handler, queued(2));
    send("m0", "m1", "m2");
    Runnable first = task();
    Runnable second = task();
    CompletableFuture<Boolean> drain = draining(subscription);
    first.run();
    assertFalse(drain.isDone());
    second.run();
    assertTrue(answer(drain));
    await("handled m0");
    await("handled m1");
    assertNull(queue.poll());
    assertEquals(TestStores.stats("t", 2, 3, 1, 0, 0, 0, 0), stats());
    assertEquals(1, engine.group("g").consumer("c").receive(1, Duration.ZERO).get(0).attempt());
  }

  @Test
  void itWaitsForHandlersAndStagesWhateverTheirEnd() throws Exception {
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
    CompletableFuture<Boolean> drain = draining(subscription);
    assertFalse(drain.isDone());
    work.completeExceptionally(new IllegalStateException("handled, with an error"));
    assertTrue(answer(drain));
    assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
  }

  @Test
  void whenTheTimeIsOverTheQueueIsGivenBackAndWhatRunsGoesOn() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          await(goOn);
        };
    Group group = topic.group("g", config().maxAttempts(1).build());
    Subscription subscription = group.subscribe(handler, queued(2));
    send("m0", "m1");
    Thread running = new Thread(task());
    running.start();
    await("m0");
    task();
    assertFalse(subscription.drain(Duration.ZERO));
    assertEquals(TestStores.stats("t", 0, 2, 2, 1, 1, 0, 0), stats()); // m1 waits, not a failure
    goOn.countDown();
    subscription.close();
    running.join();
    assertEquals(TestStores.stats("t", 1, 2, 1, 0, 1, 0, 0), stats());
    assertTrue(subscription.drain(Duration.ZERO), "nothing is left of it");
  }

  @Test
  void fromItsOwnHandlerItOnlyBegins() throws Exception {
    Subscription[] own = new Subscription[1];
    DeliveryHandler handler =
        delivery -> events.add(text(delivery) + " " + own[0].drain(Duration.ZERO));
    own[0] = topic.group("g", config().build()).subscribe(handler, queued(2));
    send("m0", "m1", "m2");
    Runnable first = task();
    Runnable second = task();
    first.run();
    await("m0 false");
    assertEquals(1, stats().inFlight()); // the queue is not given back, for all its zero time
    second.run();
    await("m1 false");
    assertTrue(own[0].awaitEnd(System.nanoTime() + TimeUnit.SECONDS.toNanos(30)));
    assertNull(queue.poll());
    assertEquals(TestStores.stats("t", 2, 3, 1, 0, 0, 0, 0), stats());
  }

  @Test
  void aCloseMeanwhileGivesBackTheQueueAndTheDrainSaysSo() throws Exception {
    DeliveryHandler handler = delivery -> events.add("handled");
    Subscription subscription = topic.group("g", config().build()).subscribe(handler, queued(1));
    send("m0");
    Runnable only = task();
    CompletableFuture<Boolean> drain = draining(subscription);
    engine.close();
    assertFalse(answer(drain));
    only.run();
    assertNull(events.poll());
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(1, stats().unfinished());
  }

  @Test
  void anInterruptNeitherEndsItNorGetsLost() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("running");
          await(goOn);
          events.add("end");
        };
    Group group = topic.group("g", config().build());
    Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1));
    send("m0");
    await("running");
    Thread.currentThread().interrupt();
    assertFalse(subscription.drain(Duration.ofMillis(1)));
    assertTrue(Thread.interrupted(), "the flag is gone");
    goOn.countDown();
    Thread.currentThread().interrupt();
    assertTrue(subscription.drain(LONG));
    assertTrue(Thread.interrupted(), "the flag is gone");
    await("end");
    assertEquals(0, stats().unfinished());
    assertThrows(
        IllegalArgumentException.class, () -> subscription.drain(Duration.ofMillis(-1)));
  }
}
