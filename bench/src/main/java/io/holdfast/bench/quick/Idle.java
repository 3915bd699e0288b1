package io.holdfast.bench.quick;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** How every thread of every contender waits: it spins a little, then yields, and never sleeps. */
final class Idle {
  private static final long SPINS = 100;

  private Idle() {}

  /** A strategy for one thread. */
  static IdleStrategy strategy() {
    return new BackoffIdleStrategy(SPINS, Long.MAX_VALUE, 1, 1);
  }
}
