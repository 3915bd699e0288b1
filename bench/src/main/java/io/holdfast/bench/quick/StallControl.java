package io.holdfast.bench.quick;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread beside a latency run that only reads the clock, and marks the windows in which it was
 * late. It sleeps between its ticks, because on two processors a third thread that spins would
 * itself be the stall; what the timer is late by anyhow does not count.
 */
final class StallControl implements Callable<Stalls> {
  private static final long TICK_NANOS = 1_000_000;
  private static final long TIMER_NANOS = 500_000;

  private final long end;
  private final Stalls stalls;

  StallControl(long start, long end) {
    this.end = end;
    this.stalls = new Stalls(start, end);
  }

  @Override
  public Stalls call() {
    long last = System.nanoTime();
    while (last < end) {
      LockSupport.parkNanos(TICK_NANOS);
      long now = System.nanoTime();
      if (now - last > TICK_NANOS + TIMER_NANOS) {
        stalls.mark(last, now);
      }
      last = now;
    }
    return stalls;
  }
}
