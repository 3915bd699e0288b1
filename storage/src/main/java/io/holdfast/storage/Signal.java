package io.holdfast.storage;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.IdleStrategy;

/**
 * Wakes whoever waits for something to become visible, without a lost wake-up and without a lock
 * while nobody waits. Thread-safe.
 *
 * <p>A waiter takes {@link #version}, looks for work, and waits only while the version is still the
 * same. The raiser publishes its work, raises the version and then looks for waiters; the waiter
 * counts itself and then looks at the version. Each has a full fence between its store and its
 * look, so one of them sees the other.
 */
public class Signal {
  private final AtomicLong version = new AtomicLong(); // raisers write, waiters read
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition raised = lock.newCondition();
  private volatile int waiters; // written under the lock, read by raisers

  /** Makes a signal at version 0. */
  public Signal() {
    // The fields are set where they are declared.
  }

  /**
   * The version now; take it before looking for work.
   *
   * @return rises with each {@link #raise}
   */
  public long version() {
    return version.get();
  }

  /**
   * Waits until the version is another one, or the time is over.
   *
   * @param versionSeen what {@link #version} gave before looking for work
   * @param nanos longest wait, nanoseconds
   * @return whether the version changed
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  public boolean await(long versionSeen, long nanos) throws InterruptedException {
    if (version.get() != versionSeen) {
      return true;
    }
    long left = nanos;
    lock.lockInterruptibly();
    try {
      waiters++;
      try {
        VarHandle.fullFence();
        while (version.get() == versionSeen && left > 0) {
          left = raised.awaitNanos(left);
        }
      } finally {
        waiters--;
      }
    } finally {
      lock.unlock();
    }
    return version.get() != versionSeen;
  }

  /**
   * Waits in the way of an idle strategy until the version is another one, or the time is over. It
   * looks at the version itself, so raisers need not know of it, and a parked strategy that nobody
   * wakes is no worse than its own pause.
   *
   * @param versionSeen what {@link #version} gave before looking for work
   * @param idle how to wait; of this thread alone meanwhile
   * @param nanos longest wait, nanoseconds
   * @return whether the version changed
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  public boolean await(long versionSeen, IdleStrategy idle, long nanos)
      throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    idle.reset();
    while (version.get() == versionSeen) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      idle.idle();
    }
    return true;
  }

  /** Tells all waiters to look again. Costs one atomic add while nobody waits. */
  public void raise() {
    version.getAndIncrement(); // a full fence on every platform Java runs on
    VarHandle.fullFence();
    if (waiters > 0) {
      lock.lock();
      try {
        raised.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
