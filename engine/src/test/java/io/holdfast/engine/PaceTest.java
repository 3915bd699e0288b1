package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Work is spread evenly, met on average, and never comes in a burst. */
class PaceTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private long now = Long.MAX_VALUE - 20 * MILLI; // nanoTime may pass over its end

  /** Does work that takes some time, at the pace; returns how long it waited before. */
  private long work(Pace pace, long nanos) {
    long wait = pace.waitNanos(now);
    now += wait + nanos;
    return wait;
  }

  @Test
  void theFirstIsDoneAtOnceAndEachOtherInItsTurn() {
    Pace pace = new Pace(100);
    assertEquals(0, work(pace, 0));
    for (int i = 0; i < 10; i++) {
      assertEquals(10 * MILLI, work(pace, 0));
    }
  }

  @Test
  void workCountsIntoTheTimeBetweenTwo() {
    Pace pace = new Pace(100);
    work(pace, 4 * MILLI);
    assertEquals(6 * MILLI, work(pace, 25 * MILLI));
    assertEquals(0, work(pace, 0), "it is late");
    assertEquals(0, work(pace, 0), "and makes up for it");
    assertEquals(5 * MILLI, work(pace, 0));
  }

  @Test
  void aLongPauseIsNotMadeUpFor() {
    Pace pace = new Pace(100);
    work(pace, 5_000 * MILLI);
    int atOnce = 0;
    while (work(pace, 0) == 0) {
      atOnce++;
    }
    assertEquals(11, atOnce, "a tenth of a second, and the one that is due");
  }

  @Test
  void severalAreDoneTogetherAndTheNextWaitForThemAll() {
    Pace pace = new Pace(20e9);
    assertEquals(0, pace.waitNanos(now, 20_000_000), "the first do not wait for themselves");
    assertEquals(MILLI, pace.waitNanos(now, 40_000_000), "though one takes less than a nanosecond");
    assertEquals(3 * MILLI, pace.waitNanos(now, 0));
    assertEquals(3 * MILLI, pace.waitNanos(now, 1));
  }

  @Test
  void withoutALimitNothingWaits() {
    Pace pace = new Pace(Double.POSITIVE_INFINITY);
    for (int i = 0; i < 5; i++) {
      assertEquals(0, work(pace, 0));
    }
  }
}
