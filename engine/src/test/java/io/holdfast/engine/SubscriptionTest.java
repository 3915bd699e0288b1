package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Handlers on the engine's threads: return = ack, throw = nack, running = the lease lasts. */
@SuppressWarnings("try") // a subscription works by being open
class SubscriptionTest extends HandlerFixture {
  @Test
  void aReturnIsAnAckAndAnExceptionIsRetriedUntilItIsADeadLetter() throws Exception {
    Group group = topic.group("g", config().maxAttempts(3).build());
    DeliveryHandler handler =
        delivery -> {
          events.add(text(delivery) + " " + delivery.attempt());
          if (text(delivery).equals("bad")) {
            throw new IllegalStateException("as ever");
          }
        };
    try (Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1))) {
      producer.send(message("good"));
      await("good 1");
      producer.send(message("bad"));
      for (int attempt = 1; attempt <= 3; attempt++) {
        await("bad " + attempt);
        producer.send(message("after"));
        await("after 1");
        clock.advance(Duration.ofSeconds(1));
        engine.tick();
      }
    }
    assertEquals(TestStores.stats("t", 5, 5, 0, 0, 0, 0, 1), stats());
  }

  @Test
  void manyHandlersRunAtOnceAndEachMessageComesOnce() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    CountDownLatch together = new CountDownLatch(4);
    CountDownLatch all = new CountDownLatch(1_000);
    DeliveryHandler handler =
        delivery -> {
          together.countDown();
          await(together);
          assertTrue(seen.add(text(delivery)));
          all.countDown();
        };
    Group group = topic.group("g", config().build());
    try (Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(4))) {
      for (int i = 0; i < 1_000; i++) {
        producer.send(message("m" + i));
      }
      await(all);
    }
    assertEquals(1_000, stats().lowWaterMark());
  }

  @Test
  void whileAHandlerRunsItsLeaseLasts() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("running");
          await(goOn);
        };
    Group group = topic.group("g", config().maxProcessing(Duration.ofMinutes(10)).build());
    try (Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1))) {
      producer.send(message("slow"));
      await("running");
      for (int i = 0; i < 19; i++) {
        clock.advance(Duration.ofSeconds(30));
        engine.tick();
        assertEquals(1, stats().inFlight());
      }
      goOn.countDown();
    }
    assertEquals(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 0), stats());
  }

  @Test
  void atMaxProcessingTheAttemptFailsAndTheHandlerIsInterrupted() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("attempt " + delivery.attempt());
          if (delivery.attempt() == 1) {
            try {
              never.await();
            } catch (InterruptedException e) {
              events.add("interrupted");
              throw e;
            }
          }
          events.add("last error " + delivery.lastError().orElseThrow().substring(0, 10));
        };
    Group group = topic.group("g", config().maxProcessing(Duration.ofSeconds(45)).build());
    try (Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1))) {
      producer.send(message("stuck"));
      await("attempt 1");
      clock.advance(Duration.ofSeconds(30));
      engine.tick();
      assertEquals(1, stats().inFlight());
      clock.advance(Duration.ofSeconds(15));
      engine.tick();
      await("interrupted");
      clock.advance(Duration.ofSeconds(1));
      engine.tick();
      await("attempt 2");
      await("last error ackTimeout");
    }
    assertEquals(0, stats().unfinished());
  }

  @Test
  void closeWaitsForHandlersAndHandsOutNothingMore() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add(text(delivery));
          await(goOn);
          events.add("end");
        };
    Group group = topic.group("g", config().build());
    Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1));
    producer.send(message("m0"));
    producer.send(message("m1"));
    await("m0");
    Thread closer =
        new Thread(
            () -> {
              subscription.close();
              events.add("closed");
            });
    subscription.stop(); // what the close begins with, so that it is sure to come before the end
    closer.start();
    goOn.countDown();
    await("end");
    await("closed");
    assertEquals(1, stats().lowWaterMark());
    assertEquals(0, stats().inFlight());
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
    Group group = topic.group("g", config().build());
    own[0] = group.subscribe(handler, SubscribeConfig.concurrency(2));
    assigned.countDown();
    producer.send(message("m0"));
    await("closing");
    engine.close();
    assertThrows(AlreadyClosedException.class, () -> engine.group("g"));
  }

  @Test
  void whatAHandlerDoesBehindItsCloseOfTheEngineIsStillAcked() throws Exception {
    Subscription[] own = new Subscription[1];
    CountDownLatch assigned = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          await(assigned);
          own[0].close();
          engine.close(); // must not wait for this handler, which would wait for the close
        };
    own[0] = topic.group("g", config().build()).subscribe(handler, SubscribeConfig.concurrency(1));
    assigned.countDown();
    producer.send(message("m0"));
    own[0].awaitEnd(System.nanoTime() + TimeUnit.SECONDS.toNanos(30));
    engine.close();
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 0), stats());
  }

  @Test
  void aHandlerThatOutlivesCloseTimeoutIsInterruptedAndItsMessageReleased() throws Exception {
    engine.close();
    open(EngineConfig.defaults().withClock(clock).withCloseTimeout(Duration.ZERO));
    CountDownLatch never = new CountDownLatch(1);
    DeliveryHandler handler =
        delivery -> {
          events.add("running");
          never.await();
        };
    topic
        .group("g", config().maxAttempts(1).build())
        .subscribe(handler, SubscribeConfig.concurrency(1));
    producer.send(message("m0"));
    await("running");
    engine.close();
    open(EngineConfig.defaults().withClock(clock));
    assertEquals(TestStores.stats("t", 0, 1, 1, 0, 1, 0, 0), stats());
  }

  @Test
  void whatAHandlerSettlesItselfStaysSo() throws Exception {
    DeliveryHandler handler =
        delivery -> {
          events.add("handled");
          if (text(delivery).equals("reject")) {
            delivery.reject("by hand");
          } else {
            delivery.ack();
            throw new IllegalStateException("after the ack");
          }
        };
    Group group = topic.group("g", config().build());
    try (Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1))) {
      producer.send(message("ack"));
      await("handled");
      producer.send(message("reject"));
      await("handled");
    }
    assertEquals(TestStores.stats("t", 2, 2, 0, 0, 0, 0, 1), stats());
  }

  @Test
  void anErrorOfAHandlerIsANackToo() throws Exception {
    DeliveryHandler handler =
        delivery -> {
          events.add("attempt " + delivery.attempt());
          throw new AssertionError("not an exception");
        };
    Group group = topic.group("g", config().build());
    try (Subscription subscription = group.subscribe(handler, SubscribeConfig.concurrency(1))) {
      producer.send(message("m"));
      await("attempt 1");
    }
    assertEquals(1, stats().retrying());
  }
}
