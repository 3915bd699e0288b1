package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Eventually;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A thousand bytes a second, by a clock that goes when it is told to. */
class RateLimitTest {
  private final TestClock clock = new TestClock();
  private final AtomicInteger looks = new AtomicInteger(); // at the clock
  private final RateLimit limit = new RateLimit(8_000, this::nanoTime);
  private final CompletableFuture<Object> passed = new CompletableFuture<>();

  private long nanoTime() {
    looks.incrementAndGet();
    return clock.nanoTime();
  }

  /** Returns once the thread waits. */
  private Thread passing(long bytes) throws InterruptedException {
    Thread thread =
        new Thread(
            () -> {
              try {
                passed.complete(limit.await(bytes));
              } catch (InterruptedException e) {
                passed.complete(e);
              }
            });
    thread.start();
    Eventually.holds(
        () -> thread.getState() == Thread.State.TIMED_WAITING, () -> "waits: " + thread.getState());
    return thread;
  }

  @Test
  void theNextWaitsUntilWhatHasPassedHadItsTime() throws Exception {
    assertTrue(limit.await(20), "the first one waits for nobody");
    passing(1);
    clock.advance(Duration.ofMillis(19));
    int before = looks.get();
    Eventually.holds(() -> looks.get() >= before + 2, () -> "it looks, and waits again");
    assertFalse(passed.isDone());
    clock.advance(Duration.ofMillis(1));
    assertEquals(true, passed.get(30, TimeUnit.SECONDS));
  }

  @Test
  void aMessageLargerThanTheBucketPassesAndTheNextOnesPayForIt() throws Exception {
    assertTrue(limit.await(1_000_000));
    Thread thread = passing(1);
    clock.advance(Duration.ofSeconds(999));
    assertEquals(Thread.State.TIMED_WAITING, thread.getState());
    limit.close();
    assertEquals(false, passed.get(30, TimeUnit.SECONDS));
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    assertTrue(limit.await(1_000_000));
    passing(1).interrupt();
    assertInstanceOf(InterruptedException.class, passed.get(30, TimeUnit.SECONDS));
  }

  @Test
  void onceClosedItStopsNobody() throws Exception {
    assertTrue(limit.await(1_000_000));
    limit.close();
    assertFalse(limit.await(1_000_000));
  }
}
