package io.holdfast.engine;

import java.util.concurrent.TimeUnit;

/**
 * Spreads work evenly over time. What a slow piece of work costs is made up for, up to a tenth of a
 * second, so that the rate is met on average; more than that is not, so that there is no burst. One
 * thread at a time.
 */
final class Pace {
  private static final long MADE_UP = TimeUnit.MILLISECONDS.toNanos(100);

  private final double interval; // nanoseconds; 0 = no limit
  private long next; // when the next piece of work is due
  private boolean begun;

  /** Makes a pace of so many pieces of work a second; infinity for no limit. */
  Pace(double rate) {
    this.interval = TimeUnit.SECONDS.toNanos(1) / rate;
  }

  /**
   * Counts a piece of work.
   *
   * @param now as {@link System#nanoTime} counts
   * @return nanoseconds to wait before it, 0 or more
   */
  long waitNanos(long now) {
    return waitNanos(now, 1);
  }

  /**
   * Counts several pieces of work that are done together. The next ones wait for all of them.
   *
   * @param now as {@link System#nanoTime} counts
   * @param pieces 0 or more
   * @return nanoseconds to wait before the first, 0 or more
   */
  long waitNanos(long now, long pieces) {
    if (interval == 0) {
      return 0;
    }
    if (!begun) {
      begun = true;
      next = now;
    } else if (now - next > MADE_UP) {
      next = now - MADE_UP;
    }
    long wait = Math.max(0, next - now);
    next += Math.round(interval * pieces);
    return wait;
  }
}
