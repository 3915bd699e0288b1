package io.holdfast.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.EpochClock;

/** A clock that goes when it is told to. */
final class TestClock implements EpochClock {
  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);

  @Override
  public long time() {
    return now.get();
  }

  void advance(Duration by) {
    now.addAndGet(by.toMillis());
  }
}
