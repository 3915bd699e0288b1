package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads bring about and tell nobody. */
public final class Eventually {
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(1);

  private Eventually() {}

  /**
   * Returns once a condition holds; fails when it does not within half a minute.
   *
   * @param condition looked at about once a millisecond
   * @param expected says what did not come
   * @throws InterruptedException when the caller is interrupted
   */
  public static void holds(BooleanSupplier condition, Supplier<String> expected)
      throws InterruptedException {
    long deadline = System.nanoTime() + LONGEST;
    ReentrantLock lock = new ReentrantLock();
    Condition never = lock.newCondition();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        assertTrue(System.nanoTime() - deadline < 0, expected);
        if (never.awaitNanos(LOOK) > 0) {
          Thread.onSpinWait(); // woken for no reason
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns once a thread is parked, for ever or for some time. */
  static void waits(Thread thread) throws InterruptedException {
    holds(
        () ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING,
        () -> "expected " + thread + " to wait, found it " + thread.getState());
  }

  /** Returns once a thread is parked and only another one may wake it. */
  static void sleeps(Thread thread) throws InterruptedException {
    holds(
        () -> thread.getState() == Thread.State.WAITING,
        () -> "expected " + thread + " to sleep, found it " + thread.getState());
  }
}
