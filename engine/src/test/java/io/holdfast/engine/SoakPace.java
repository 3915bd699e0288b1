package io.holdfast.engine;

import io.holdfast.storage.Signal;
import java.util.concurrent.TimeUnit;

/**
 * How fast the senders of a soak run are, all together: where other tests run beside it, as fast as
 * it goes would take their processors and show nothing more. Thread-safe.
 */
final class SoakPace {
  private static final long MOST_LATE = TimeUnit.MILLISECONDS.toNanos(100); // that is caught up on

  private final Signal never = new Signal();
  private final long rate;
  private long due = System.nanoTime(); // of the next message; guarded by this

  /**
   * A pace.
   *
   * @param rate messages a second; 0 for as fast as it goes
   */
  SoakPace(long rate) {
    this.rate = rate;
  }

  /** Waits until so many messages are due. */
  void await(int messages) throws InterruptedException {
    if (rate > 0) {
      long ahead = due(messages) - System.nanoTime();
      if (ahead > TimeUnit.MILLISECONDS.toNanos(1)) {
        never.await(never.version(), ahead);
      }
    }
  }

  private synchronized long due(int messages) {
    due = Math.max(due, System.nanoTime() - MOST_LATE);
    due += TimeUnit.SECONDS.toNanos(messages) / rate;
    return due;
  }
}
