package io.holdfast.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.NanoClock;

/**
 * Has senders wait, so that the payload that passes stays below a rate: a token bucket that holds a
 * tenth of a second and may be overdrawn by one message or batch, for which the next ones wait. So
 * a message that is larger than the bucket passes, too. Thread-safe; who comes first passes first.
 */
final class RateLimit {
  private final NanoClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition over = lock.newCondition();
  private final Pace pace; // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * Makes a limit.
   *
   * @param bitsPerSecond 1 or more
   * @param clock to wait by
   */
  RateLimit(long bitsPerSecond, NanoClock clock) {
    this.clock = clock;
    this.pace = new Pace(bitsPerSecond);
  }

  /**
   * Waits for the turn of some payload.
   *
   * @param bytes of it, 0 or more
   * @return false where the limit was closed: whoever waits does so no more
   * @throws InterruptedException when interrupted while it has to wait; the turn is lost, and the
   *     next ones wait for it all the same
   */
  boolean await(long bytes) throws InterruptedException {
    lock.lock();
    try {
      long now = clock.nanoTime();
      long left = pace.waitNanos(now, bytes * Byte.SIZE);
      long turn = now + left;
      while (left > 0 && !closed) {
        over.awaitNanos(left);
        left = turn - clock.nanoTime();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      over.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
