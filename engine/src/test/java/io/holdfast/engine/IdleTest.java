package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a consumer waits, it is woken by each message, by a close and by an interrupt. */
class IdleTest {
  /** Far away: whoever is not woken is found by the time limit of the test. */
  private static final Duration NEVER = Duration.ofDays(1);

  @TempDir Path dir;
  private Engine engine;

  /** The ways to wait. */
  enum Way {
    PARKED(null),
    BUSY_SPIN(BusySpinIdleStrategy::new),
    YIELDING(YieldingIdleStrategy::new),
    BACKOFF(BackoffIdleStrategy::new),
    SLEEPING(() -> new SleepingIdleStrategy(1_000));

    private final Supplier<IdleStrategy> idles;

    Way(Supplier<IdleStrategy> idles) {
      this.idles = idles;
    }

    Consumer consumer(Group group) {
      return idles == null ? group.consumer("c") : group.consumer("c", idles);
    }
  }

  @BeforeEach
  void open() {
    engine = Engine.open(dir);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Topic topic(String name) {
    return engine.topic(
        name, TestStores.small().durability(Durability.processCrash()).build());
  }

  private Group group(String topic) {
    return topic(topic).group(topic, GroupConfig.defaults());
  }

  /** Each message is sent when the one before it was received: each may find a waiter. */
  @ParameterizedTest
  @EnumSource
  void noHandoffIsLost(Way way) throws Exception {
    int rounds = 10_000;
    Producer there = topic("there").producer(ProducerConfig.named("p"));
    Producer back = topic("back").producer(ProducerConfig.named("p"));
    Consumer answers = way.consumer(group("back"));
    Consumer questions = way.consumer(group("there"));
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < rounds; i++) {
                assertEquals("question " + i, receive(questions));
                back.send(message("answer " + i));
              }
            });
    for (int i = 0; i < rounds; i++) {
      there.send(message("question " + i));
      assertEquals("answer " + i, receive(answers));
    }
    other.get(30, TimeUnit.SECONDS);
  }

  private static String receive(Consumer consumer) {
    Delivery delivery = consumer.receive(1, NEVER).get(0);
    assertEquals(Settled.DONE, delivery.ack());
    return text(delivery);
  }

  /** Ends, with what a receive that found nothing threw. */
  private static CompletableFuture<Throwable> waiting(Consumer consumer, Thread[] waiter) {
    CompletableFuture<Throwable> result = new CompletableFuture<>();
    waiter[0] =
        new Thread(
            () -> {
              try {
                consumer.receive(1, NEVER);
                result.complete(null);
              } catch (Throwable e) { // an assertion of an idle strategy too
                result.complete(e);
              }
            });
    waiter[0].start();
    return result;
  }

  @ParameterizedTest
  @EnumSource
  void aCloseAndAnInterruptEndTheWait(Way way) throws Exception {
    Thread[] waiter = new Thread[1];
    Consumer consumer = way.consumer(group("t"));
    CompletableFuture<Throwable> waiting = waiting(consumer, waiter);
    waiter[0].interrupt();
    assertInstanceOf(HoldfastInterruptedException.class, waiting.get(30, TimeUnit.SECONDS));
    waiting = waiting(consumer, waiter);
    consumer.close();
    assertInstanceOf(AlreadyClosedException.class, waiting.get(30, TimeUnit.SECONDS));
    waiting = waiting(way.consumer(group("t")), waiter);
    engine.close();
    assertInstanceOf(AlreadyClosedException.class, waiting.get(30, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @EnumSource
  void theWaitEndsWithItsTime(Way way) {
    assertEquals(List.of(), way.consumer(group("t")).receive(1, Duration.ofMillis(5)));
  }

  /** As between consumers; each thread of a subscription has one strategy, asked for once. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PARKED")
  void noHandoffToAHandlerIsLost(Way way) throws Exception {
    int rounds = 2_000;
    Producer there = topic("there").producer(ProducerConfig.named("p"));
    AtomicInteger made = new AtomicInteger();
    Supplier<IdleStrategy> idles =
        () -> {
          made.incrementAndGet();
          return way.idles.get();
        };
    Semaphore handled = new Semaphore(0);
    SubscribeConfig config = SubscribeConfig.concurrency(2).withIdleStrategy(idles);
    try (Subscription open = group("there").subscribe(message -> handled.release(), config)) {
      for (int i = 0; i < rounds; i++) {
        there.send(message("question " + i));
        handled.acquire();
      }
      Eventually.holds(() -> made.get() == 2, () -> open + ": " + made);
    }
    assertEquals(2, made.get());
    assertEquals(0, engine.group("there").lag().get(0).unfinished());
  }

  /** Fails where two threads are in it at once, or without a reset between waits. */
  private static final class OneThread implements IdleStrategy {
    private final AtomicInteger inside = new AtomicInteger();
    private boolean reset;

    @Override
    public void idle(int workCount) {
      throw new AssertionError("not asked for");
    }

    @Override
    public void idle() {
      assertTrue(reset);
      assertEquals(1, inside.incrementAndGet());
      Thread.yield();
      inside.decrementAndGet();
    }

    @Override
    public void reset() {
      reset = true;
    }
  }

  @Test
  void threadsThatWaitTogetherHaveAStrategyEachAndKeepItForTheNextWait() throws Exception {
    Set<OneThread> made = ConcurrentHashMap.newKeySet();
    Supplier<IdleStrategy> idles =
        () -> {
          OneThread idle = new OneThread();
          made.add(idle);
          return idle;
        };
    Consumer consumer = group("t").consumer("c", idles);
    for (int i = 0; i < 10; i++) {
      assertEquals(List.of(), consumer.receive(1, Duration.ofMillis(1)));
    }
    assertEquals(1, made.size());
    CompletableFuture<Throwable> first = waiting(consumer, new Thread[1]);
    CompletableFuture<Throwable> second = waiting(consumer, new Thread[1]);
    Eventually.holds(() -> made.size() == 2, made::toString);
    consumer.close();
    assertInstanceOf(AlreadyClosedException.class, first.get(30, TimeUnit.SECONDS));
    assertInstanceOf(AlreadyClosedException.class, second.get(30, TimeUnit.SECONDS));
  }
}
