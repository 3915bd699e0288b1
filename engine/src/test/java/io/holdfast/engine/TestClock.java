package io.holdfast.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** A clock that goes when it is told to, and a monotonic one beside it. */
final class TestClock implements EpochClock, NanoClock {
  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);
  private final AtomicLong nanos = new AtomicLong();

  @Override
  public long time() {
    return now.get();
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
    now.addAndGet(by.toMillis());
  }

  /** Sets the clock, while no time passes. */
  void jump(Duration by) {
    now.addAndGet(by.toMillis());
  }
}
