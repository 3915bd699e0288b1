package io.holdfast.bench;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NanoClock;

/**
 * A thread that has nothing to do but to be on time, and records how late it was: what the machine
 * does to a message that costs nothing.
 *
 * <p>Its ticks are an open loop like the messages: after a stall, each tick that fell into it
 * counts with its own lateness. Where processors are left it spins; where sender and receiver have
 * them all it sleeps between ticks, because a third spinning thread would itself be the stall. The
 * timer that wakes it is then late by itself, by some 50 microseconds on Linux.
 */
final class Control implements Callable<Histogram> {
  /** Sender, receiver, the store's agent, and the control itself. */
  private static final int ENOUGH_PROCESSORS = 4;

  private static final long SPIN_TICK_NANOS = TimeUnit.MICROSECONDS.toNanos(10);
  private static final long SLEEP_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final boolean spins;
  private final long tick;
  private final Schedule schedule;
  private final NanoClock clock;
  private final Progress progress;
  private final Histogram gaps = Latencies.newHistogram();

  Control(int processors, Schedule schedule, NanoClock clock, Progress progress) {
    this.spins = processors >= ENOUGH_PROCESSORS;
    this.tick = spins ? SPIN_TICK_NANOS : SLEEP_TICK_NANOS;
    this.schedule = schedule;
    this.clock = clock;
    this.progress = progress;
  }

  /** How the control of a machine waits, in words. */
  static String describe(int processors) {
    return processors >= ENOUGH_PROCESSORS
        ? "spins, ticks every 10 us"
        : "sleeps, ticks every 1 ms; its timer alone is about 50 us late";
  }

  @Override
  public Histogram call() {
    long due = schedule.start();
    while (!progress.hasEnded()) {
      long now = awaitTick(due);
      for (; due <= now; due += tick) {
        if (due >= schedule.measuredFrom()) {
          Latencies.record(gaps, now - due);
        }
      }
    }
    return gaps;
  }

  private long awaitTick(long due) {
    long now = clock.nanoTime();
    while (now < due && !progress.hasEnded()) {
      if (spins) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(Math.min(due - now, SLEEP_TICK_NANOS));
      }
      now = clock.nanoTime();
    }
    return now;
  }
}
