package io.holdfast.bench.quick;

import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Supplier;

/** The locks that an append could be made under. */
enum LockKind {
  /** Parks at once when it is taken; who comes first takes it, whoever waits. */
  UNFAIR("ReentrantLock", () -> under(new ReentrantLock())),
  /** Goes to whoever has waited longest. */
  FAIR("ReentrantLock, fair", () -> under(new ReentrantLock(true))),
  /** Looks a hundred times before it parks. */
  SPINS("ReentrantLock, spins", () -> spinning(new ReentrantLock())),
  /** The write mode of a lock that could do more. */
  STAMPED("StampedLock", () -> under(new StampedLock())),
  /** The language's own. */
  MONITOR("synchronized", LockKind::underMonitor);

  private static final int SPINS_BEFORE_PARKING = 100;

  private final String text;
  private final Supplier<Guard> factory;

  LockKind(String text, Supplier<Guard> factory) {
    this.text = text;
    this.factory = factory;
  }

  /** Puts a record into a log, one thread at a time. */
  @FunctionalInterface
  interface Guard {
    /** Puts it once no other thread does. */
    void put(LockedLog log, LockedLog.Body body);
  }

  Guard create() {
    return factory.get();
  }

  private static Guard under(ReentrantLock lock) {
    return (log, body) -> {
      lock.lock();
      try {
        log.put(body);
      } finally {
        lock.unlock();
      }
    };
  }

  private static Guard spinning(ReentrantLock lock) {
    return (log, body) -> {
      lockSpinning(lock);
      try {
        log.put(body);
      } finally {
        lock.unlock();
      }
    };
  }

  private static void lockSpinning(ReentrantLock lock) {
    for (int i = 0; i < SPINS_BEFORE_PARKING; i++) {
      if (!lock.isLocked() && lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  private static Guard under(StampedLock lock) {
    return (log, body) -> {
      long stamp = lock.writeLock();
      try {
        log.put(body);
      } finally {
        lock.unlockWrite(stamp);
      }
    };
  }

  private static Guard underMonitor() {
    Object monitor = new Object();
    return (log, body) -> {
      synchronized (monitor) {
        log.put(body);
      }
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
