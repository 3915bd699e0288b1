package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A clock that was set is not believed, until it has come back or a user says it is right. */
class ClockWatchTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);
  private final AtomicLong nanos = new AtomicLong(-5_000_000);
  private final BlockingQueue<EngineEvent> told = new LinkedBlockingQueue<>();
  private final Events events = new Events(told::add, nanos::get, Duration.ofSeconds(30));
  private final ClockWatch watch = new ClockWatch(now::get, nanos::get, events);

  @AfterEach
  void close() {
    events.close();
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    now.addAndGet(millis);
  }

  private List<EngineEvent> told() {
    events.close();
    return List.copyOf(told);
  }

  @Test
  void timeThatPassesIsBelieved() {
    pass(1_000 * HOUR);
    assertTrue(watch.isTrusted());
    assertEquals(List.of(), told());
  }

  @Test
  void aJumpIsToldOnceAndNotBelieved() {
    pass(HOUR);
    now.addAndGet(HOUR + 1);
    assertFalse(watch.isTrusted());
    pass(HOUR);
    assertFalse(watch.isTrusted());
    Instant expected = Instant.ofEpochMilli(1_700_000_000_000L + HOUR);
    assertEquals(
        List.of(new EngineEvent.ClockJumped(expected, expected.plusMillis(HOUR + 1))), told());
  }

  @Test
  void aJumpBackIsNotBelievedEither() {
    now.addAndGet(-HOUR - 1);
    assertFalse(watch.isTrusted());
    assertEquals(1, told().size());
  }

  @Test
  void aClockThatHasComeBackIsBelievedAndTheNextJumpIsToldAgain() {
    now.addAndGet(10 * HOUR);
    assertFalse(watch.isTrusted());
    now.addAndGet(-9 * HOUR);
    assertTrue(watch.isTrusted(), "an hour is no jump");
    now.addAndGet(10 * HOUR);
    assertFalse(watch.isTrusted());
    assertEquals(2, told().size());
  }

  @Test
  void smallStepsAreFollowedAndDoNotAddUp() {
    for (int i = 0; i < 100; i++) {
      now.addAndGet(HOUR);
      assertTrue(watch.isTrusted());
    }
    assertEquals(List.of(), told());
  }

  @Test
  void whoeverSaysThatTheClockIsRightIsBelieved() {
    now.addAndGet(10 * HOUR);
    assertFalse(watch.isTrusted());
    watch.trust();
    assertTrue(watch.isTrusted());
    now.addAndGet(-10 * HOUR);
    assertFalse(watch.isTrusted(), "the way back is a jump, too");
  }

  @Test
  void aProcessThatWasStoppedBetweenTwoReadsLooksAgain() {
    AtomicLong reads = new AtomicLong();
    ClockWatch stopped =
        new ClockWatch(
            () -> {
              if (reads.incrementAndGet() == 2) {
                pass(2 * HOUR);
              }
              return now.get();
            },
            nanos::get,
            events);
    assertTrue(stopped.isTrusted());
    assertEquals(3, reads.get());
    assertEquals(List.of(), told());
  }
}
