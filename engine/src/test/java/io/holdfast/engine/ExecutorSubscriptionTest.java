package io.holdfast.engine;

import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.engine.group.SlotLayout;
import io.holdfast.engine.group.SlotState;
import io.holdfast.engine.group.SlotWord;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers on an executor: their time begins when they begin, and not in its queue. */
@SuppressWarnings("try") // a subscription works by being open
class ExecutorSubscriptionTest extends HandlerFixture {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>(); // of nobody's threads
  private final ExecutorService one = Executors.newSingleThreadExecutor();

  @AfterEach
  void shutDown() throws InterruptedException {
    one.shutdownNow();
    assertTrue(one.awaitTermination(30, TimeUnit.SECONDS));
  }

  private static SubscribeConfig on(Executor executor, int concurrency) {
    return SubscribeConfig.concurrency(concurrency).withExecutor(executor);
  }

  private Runnable queued() throws InterruptedException {
    Runnable task = queue.poll(30, TimeUnit.SECONDS);
    assertNotNull(task);
    return task;
  }

  @Test
  void handlersRunOnTheExecutorAndNoMoreThanConcurrencySays() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8, work -> new Thread(work, "mine"));
    try {
      runManyOn(pool, Set.of("mine"));
    } finally {
      pool.shutdown();
      assertTrue(pool.awaitTermination(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void virtualThreadsWillDo() throws Exception {
    Method factory =
        Arrays.stream(Executors.class.getMethods())
            .filter(method -> method.getName().equals("newVirtualThreadPerTaskExecutor"))
            .findAny()
            .orElse(null);
    assumeTrue(factory != null, "virtual threads need JDK 21");
    ExecutorService virtual = (ExecutorService) factory.invoke(null);
    try {
      runManyOn(virtual, Set.of(""));
    } finally {
      virtual.shutdown();
      assertTrue(virtual.awaitTermination(30, TimeUnit.SECONDS));
    }
  }

  private void runManyOn(Executor executor, Set<String> threads) throws Exception {
    int count = 1_000;
    AtomicInteger running = new AtomicInteger();
    Set<String> names = ConcurrentHashMap.newKeySet();
    Set<String> seen = ConcurrentHashMap.newKeySet();
    CountDownLatch together = new CountDownLatch(4);
    CountDownLatch all = new CountDownLatch(count);
    DeliveryHandler handler =
        delivery -> {
          names.add(Thread.currentThread().getName());
          if (running.incrementAndGet() > 4) {
            events.add("too many");
          }
          together.countDown();
          await(together);
          running.decrementAndGet();
          assertTrue(seen.add(text(delivery)));
          all.countDown();
        };
    Group group = topic.group("g", config().build());
    try (Subscription open = group.subscribe(handler, on(executor, 4))) {
      for (int i = 0; i < count; i++) {
        send("m" + i);
      }
      await(all);
    }
    assertEquals(TestStores.stats("t", count, count, 0, 0, 0, 0, 0), stats());
    assertEquals(threads, names);
    assertNull(events.poll());
  }

  @Test
  void inTheQueueALeaseNeitherRunsOutNorUsesUpMaxProcessing() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add(text(delivery) + " " + delivery.attempt());
          try {
            never.await();
          } catch (InterruptedException e) {
            events.add("interrupted");
            throw e;
          }
        };
    Group group = topic.group("g", config().maxProcessing(SECOND.multipliedBy(45)).build());
    try (Subscription open = group.subscribe(handler, on(queue::add, 1))) {
      send("m");
      Runnable task = queued();
      for (int i = 0; i < 11; i++) { // odd: the lease was moved on 29 s ago
        pass(SECOND.multipliedBy(29));
        assertEquals(1, stats().inFlight());
      }
      one.execute(task);
      await("m 1");
      assertEquals(clock.time() + 30_000, storedDeadline());
      pass(SECOND.multipliedBy(29)); // ackTimeout is 30 s, from the beginning of the handler on
      assertEquals(1, stats().inFlight());
      pass(SECOND.multipliedBy(15));
      assertEquals(1, stats().inFlight());
      pass(SECOND); // and so is maxProcessing
      await("interrupted");
      assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
    }
  }

  /** As the tools read it: of the one message that is out. */
  private long storedDeadline() throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(dir.resolve("groups/g/t/slots")));
    file.order(ByteOrder.LITTLE_ENDIAN);
    for (int slot = 0; slot < SlotLayout.BLOCK_SLOTS; slot++) {
      int at = SlotLayout.FIRST_BLOCK + SlotLayout.slotInBlock(slot);
      if (SlotWord.state(file.getLong(at + SlotLayout.WORD)) == SlotState.RUNNING) {
        return file.getLong(at + SlotLayout.DEADLINE);
      }
    }
    throw new AssertionError("no message is out");
  }

  @Test
  void aHandlerThatBeganLateHasTheWholeOfItsTimeForExtensionsToo() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("begun");
          await(goOn);
          assertEquals(Settled.DONE, delivery.extend());
          events.add("extended");
        };
    Group group = topic.group("g", config().maxProcessing(SECOND.multipliedBy(30)).build());
    try (Subscription open = group.subscribe(handler, on(queue::add, 1))) {
      send("m");
      Runnable task = queued();
      pass(Duration.ofHours(1));
      one.execute(task);
      await("begun");
      clock.advance(SECOND.multipliedBy(29));
      goOn.countDown();
      await("extended");
    }
    assertEquals(0, stats().unfinished());
  }

  @Test
  void closeGivesBackAtOnceWhatWaitsInTheQueue() throws Exception {
    DeliveryHandler handler = delivery -> events.add("handled " + text(delivery));
    Group group = topic.group("g", config().maxAttempts(1).build());
    Subscription subscription = group.subscribe(handler, on(queue::add, 2));
    send("m0", "m1", "m2");
    Runnable first = queued();
    Runnable second = queued();
    assertEquals(2, stats().inFlight());
    subscription.close();
    assertEquals(TestStores.stats("t", 0, 3, 3, 0, 2, 0, 0), stats());
    first.run();
    second.run();
    assertNull(events.poll());
    assertNull(queue.poll());
    assertEquals(2, group.consumer("c").receive(3, Duration.ZERO).get(0).attempt());
  }

  @Test
  void closeOfTheEngineGivesBackTheQueueAndWaitsForTheRest() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          await(goOn);
        };
    Subscription subscription =
        topic.group("g", config().build()).subscribe(handler, on(one, 2));
    send("m0", "m1");
    await("m0");
    awaitStats(stats -> stats.inFlight() == 2);
    subscription.stop(); // what the close begins with
    awaitStats(stats -> stats.inFlight() == 1);
    goOn.countDown();
    engine.close();
    assertNull(events.poll());
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(1, stats().unfinished());
  }

  @Test
  void aHandlerThatOutlivesCloseTimeoutIsInterruptedAndItsMessageReleased() throws Exception {
    openImpatient();
    CountDownLatch never = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("running");
          never.await();
        };
    topic.group("g", config().maxAttempts(1).build()).subscribe(handler, on(one, 1));
    send("m0");
    await("running");
    engine.close();
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
  }

  @Test
  void anInterruptHitsTheHandlerAndNothingThatItsThreadDoesLater() throws Exception {
    DeliveryHandler handler =
        delivery -> {
          events.add("running");
          while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
          // and returns with the flag set
        };
    Group group = topic.group("g", config().maxProcessing(SECOND.multipliedBy(30)).build());
    try (Subscription open = group.subscribe(handler, on(one, 1))) {
      send("m");
      await("running");
      CompletableFuture<Boolean> flag =
          CompletableFuture.supplyAsync(() -> Thread.currentThread().isInterrupted(), one);
      pass(SECOND.multipliedBy(30));
      assertFalse(flag.get(30, TimeUnit.SECONDS));
    }
    assertEquals(0, stats().unfinished()); // it returned: a late ack
  }

  @Test
  void inOrderAKeyIsFreeAgainWhenItsMessageWasGivenBackUnhandled() throws Exception {
    Group group = topic.group("g", config().ordering(Ordering.byKey()).build());
    Subscription subscription = group.subscribe(delivery -> {}, on(queue::add, 2));
    for (String text : new String[] {"first", "second"}) {
      producer.send(Message.builder(text.getBytes(StandardCharsets.UTF_8)).key("k").build());
    }
    Runnable first = queued();
    assertNull(queue.poll());
    subscription.close();
    first.run();
    try (Consumer consumer = group.consumer("c")) {
      assertEquals("first", text(consumer.receive(2, Duration.ZERO).get(0)));
    }
  }

  @Test
  void whatTheExecutorRejectsIsGivenBackAndTriedAgain() throws Exception {
    AtomicInteger rejections = new AtomicInteger();
    Executor busy =
        task -> {
          if (rejections.incrementAndGet() <= 1) {
            throw new RejectedExecutionException("no thread is free");
          }
          one.execute(task);
        };
    Group group = topic.group("g", config().maxAttempts(1).build());
    DeliveryHandler handler = delivery -> events.add(text(delivery) + " " + delivery.attempt());
    Logger log = Logger.getLogger(Subscription.class.getName());
    log.setLevel(Level.OFF); // the rejection with its stack
    try (Subscription open = group.subscribe(handler, on(busy, 1))) {
      send("m");
      await("m 2"); // after a pause, and uncounted: one failure would have been the end of it
    } finally {
      log.setLevel(null);
    }
    assertEquals(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 0), stats());
  }

  @Test
  void anExecutorMayRunItsTasksOnTheThreadOfItsCaller() throws Exception {
    Group group = topic.group("g", config().build());
    DeliveryHandler handler = delivery -> events.add(Thread.currentThread().getName());
    try (Subscription open = group.subscribe(handler, on(Runnable::run, 2))) {
      send("m0", "m1");
      await("holdfast-g-1");
      await("holdfast-g-1");
    }
    assertEquals(0, stats().unfinished());
  }

  @Test
  void aHandlerMayCloseItsSubscriptionAndItsEngine() throws Exception {
    Subscription[] own = new Subscription[1];
    CountDownLatch assigned = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          await(assigned);
          own[0].close();
          engine.close();
          events.add("closing");
        };
    own[0] = topic.group("g", config().build()).subscribe(handler, on(one, 2));
    assigned.countDown();
    send("m0");
    await("closing");
    engine.close();
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(0, stats().unfinished());
  }

  @Test
  void asyncHandlersAreCalledOnTheExecutor() throws Exception {
    Group group = topic.group("g", config().build());
    CompletableFuture<Object> work = new CompletableFuture<>();
    AsyncDeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          return work;
        };
    try (Subscription open = group.subscribeAsync(handler, on(queue::add, 2))) {
      send("m0", "m1");
      Runnable first = queued();
      Runnable second = queued();
      assertNull(events.poll());
      second.run();
      await("m1");
      first.run();
      await("m0");
      assertEquals(2, stats().inFlight());
      work.complete(null);
      assertEquals(0, stats().unfinished());
    }
  }
}
