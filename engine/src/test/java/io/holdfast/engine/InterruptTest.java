package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.storage.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thread that was interrupted can do everything but wait for messages and room, and stays
 * interrupted.
 */
class InterruptTest {
  @TempDir Path dir;

  @AfterEach
  void clearFlag() {
    Thread.interrupted();
  }

  private static <T> T interrupted(Supplier<T> verb) {
    Thread.currentThread().interrupt();
    T result = verb.get();
    assertTrue(Thread.interrupted(), "the flag is gone");
    return result;
  }

  private static void interruptedRun(Runnable verb) {
    interrupted(
        () -> {
          verb.run();
          return null;
        });
  }

  @Test
  void noVerbThatNeedNotWaitIsBrokenByAnInterrupt() {
    Engine engine = interrupted(() -> Engine.open(dir));
    Topic topic = interrupted(() -> engine.topic("t", TestStores.small().build()));
    Producer producer = interrupted(() -> topic.producer(ProducerConfig.named("p")));
    assertEquals(0, interrupted(() -> producer.send(message("m"))).offset());
    List<Message> many = Collections.nCopies(5_000, Message.of(new byte[1_000])); // several rolls
    assertEquals(5_000, interrupted(() -> producer.sendAll(many)).size());
    assertEquals(5_001, interrupted(() -> producer.sendAsync(message("m"))).join().offset());
    GroupConfig config = GroupConfig.builder().maxInFlight(3_000).build();
    Group group = interrupted(() -> topic.group("g", config));
    Consumer consumer = interrupted(() -> group.consumer("c"));
    List<Delivery> got = interrupted(() -> consumer.receive(3_000, Duration.ofMinutes(1)));
    assertEquals(3_000, got.size());
    assertEquals(Settled.DONE, interrupted(got.get(0)::ack));
    assertEquals(Settled.DONE, interrupted(() -> got.get(1).nack(new Exception())));
    assertEquals(Settled.DONE, interrupted(() -> got.get(2).reject("no")));
    assertEquals(Settled.DONE, interrupted(got.get(3)::release));
    assertEquals(Settled.DONE, interrupted(got.get(4)::extend));
    assertEquals(1, interrupted(group::lag).get(0).dead());
    try (Reader reader = interrupted(() -> topic.reader(StartAt.offset(4_999)))) {
      assertEquals(3, interrupted(() -> reader.poll(view -> {}, 256)));
    }
    interruptedRun(consumer::close);
    interruptedRun(producer::close);
    interruptedRun(engine::close);
    try (Engine again = interrupted(() -> Engine.open(dir))) {
      assertEquals(1, again.group("g").lag().get(0).lowWaterMark());
      assertEquals(5_000, again.group("g").lag().get(0).unfinished());
    }
  }

  @Test
  void aWaitEndsAndTheFlagStays() {
    try (Engine engine = Engine.open(dir)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      try (Consumer consumer = topic.group("g", GroupConfig.defaults()).consumer("c")) {
        Thread.currentThread().interrupt();
        assertThrows(
            HoldfastInterruptedException.class,
            () -> consumer.receive(1, Duration.ofMinutes(1)));
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), interrupted(() -> consumer.receive(1, AT_ONCE)));
      }
    }
  }

  /** Runs the verb on a thread that is interrupted, and tells its flag behind the verb. */
  private static CompletableFuture<Boolean> waiting(Runnable verb) throws Exception {
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              verb.run();
              flag.complete(Thread.currentThread().isInterrupted());
            });
    thread.start();
    Set<Thread.State> waits = Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    Eventually.holds(() -> waits.contains(thread.getState()), () -> thread + " does not wait");
    return flag;
  }

  @Test
  void aCloseThatWaitsForAHandlerWaitsToItsEndAndKeepsTheFlag() throws Exception {
    Engine engine = Engine.open(dir);
    Topic topic = engine.topic("t", TestStores.small().build());
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          running.countDown();
          assertTrue(goOn.await(30, TimeUnit.SECONDS));
        };
    Subscription subscription =
        topic
            .group("g", GroupConfig.defaults())
            .subscribe(handler, SubscribeConfig.concurrency(1));
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.send(message("m"));
    }
    assertTrue(running.await(30, TimeUnit.SECONDS));
    CompletableFuture<Boolean> drained = waiting(() -> subscription.drain(Duration.ofDays(1)));
    CompletableFuture<Boolean> closed = waiting(subscription::close);
    CompletableFuture<Boolean> engineClosed = waiting(engine::close);
    assertFalse(drained.isDone() || closed.isDone() || engineClosed.isDone());
    goOn.countDown();
    assertTrue(drained.get(30, TimeUnit.SECONDS));
    assertTrue(closed.get(30, TimeUnit.SECONDS));
    assertTrue(engineClosed.get(30, TimeUnit.SECONDS));
    try (Engine again = Engine.open(dir)) {
      assertEquals(0, again.group("g").lag().get(0).unfinished());
    }
  }

  /** On the engine's threads: the next message must not pay for what the one before left. */
  @Test
  void aHandlerThatLeavesItsThreadInterruptedHarmsNoOtherMessage() throws Exception {
    try (Engine engine = Engine.open(dir)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      DeliveryHandler handler =
          delivery -> {
            events.add(text(delivery) + " " + Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
            if (text(delivery).equals("m1")) {
              throw new IllegalStateException("with the flag set");
            }
          };
      Group group = topic.group("g", GroupConfig.builder().maxAttempts(1).build());
      Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1));
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 4; i++) {
          producer.send(message("m" + i));
        }
      }
      for (int i = 0; i < 4; i++) {
        assertEquals("m" + i + " false", events.poll(30, TimeUnit.SECONDS));
      }
      subscription.close();
      assertEquals(TestStores.stats("t", 4, 4, 0, 0, 0, 0, 1), group.lag().get(0));
    }
  }

  @Test
  void aCallbackThatLeavesItsThreadInterruptedHarmsNoOtherSend() throws Exception {
    try (Engine engine = Engine.open(dir)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 100; i++) {
          producer.sendAsync(
              message("m"), (receipt, error) -> Thread.currentThread().interrupt());
        }
        assertEquals(100, producer.sendAsync(message("m")).get(30, TimeUnit.SECONDS).offset());
      }
    }
  }
}
