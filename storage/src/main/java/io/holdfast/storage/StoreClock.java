package io.holdfast.storage;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * A clock that costs an append no system call: a thread of its own, which does no I/O, reads the
 * system's clock once a millisecond. It sleeps while nobody asks, and whoever finds it asleep reads
 * the system's clock and wakes it. Thread-safe.
 *
 * <p>A clock that is not the system's is asked each time, so that a test sets the time it means.
 */
final class StoreClock implements EpochClock, AutoCloseable {
  private static final long ASLEEP = Long.MIN_VALUE;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Ticks in which nobody asked, after which the thread sleeps. */
  private static final int IDLE_TICKS = 100;

  private final EpochClock source;
  private final Thread ticker; // null where each call asks the source
  private volatile long now = ASLEEP; // the ticker writes, everybody reads
  private volatile boolean asked; // askers raise, the ticker lowers
  private volatile boolean closed; // whoever closes writes, the ticker reads

  private StoreClock(EpochClock source, boolean ticks) {
    this.source = source;
    this.ticker = ticks ? new Thread(this::tick, "holdfast-clock") : null;
    if (ticker != null) {
      ticker.setDaemon(true);
      ticker.start();
    }
  }

  static StoreClock of(EpochClock source) {
    return new StoreClock(source, source instanceof SystemEpochClock);
  }

  @Override
  public long time() {
    long time = now;
    if (time == ASLEEP) {
      return timeAsleep();
    }
    if (!asked) {
      asked = true;
    }
    return time;
  }

  private long timeAsleep() {
    if (ticker != null) {
      asked = true;
      LockSupport.unpark(ticker);
    }
    return source.time();
  }

  /**
   * Asked is looked at after ASLEEP was stored, and an asker stores it after it saw ASLEEP, so that
   * no call is missed; one that is leaves the clock to its next asker, and costs nothing else.
   */
  private void tick() {
    int idle = 0;
    while (!closed) {
      if (asked) {
        asked = false;
        idle = 0;
      } else {
        idle++;
      }
      if (idle > IDLE_TICKS) {
        now = ASLEEP;
        while (!asked && !closed) {
          LockSupport.park(this);
        }
        idle = 0;
      }
      now = source.time();
      LockSupport.parkNanos(TICK_NANOS);
    }
    now = ASLEEP;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(ticker);
  }
}
