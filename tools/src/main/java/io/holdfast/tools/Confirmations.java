package io.holdfast.tools;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the outcomes of asynchronous sends. Thread-safe: everything is guarded by its lock. */
final class Confirmations {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settled = lock.newCondition();
  private long begun;
  private long confirmed;
  private long failed;
  private long duplicates; // confirmed, and not written again
  private long keyless;
  private long firstOffset = -1;
  private long lastOffset = -1;
  private String firstFailure;

  /** A line was read; returns its number, from 1. */
  long begin() {
    lock.lock();
    try {
      return ++begun;
    } finally {
      lock.unlock();
    }
  }

  void confirm(long offset) {
    lock.lock();
    try {
      confirmed++;
      firstOffset = firstOffset < 0 ? offset : Math.min(firstOffset, offset);
      lastOffset = Math.max(lastOffset, offset);
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void duplicate() {
    lock.lock();
    try {
      duplicates++;
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void fail(long line, String why) {
    lock.lock();
    try {
      failed++;
      if (firstFailure == null) {
        firstFailure = line + ": " + why;
      }
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void withoutKey() {
    lock.lock();
    try {
      keyless++;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until each send has its outcome; the engine sees to it that it gets one. */
  void await() {
    lock.lock();
    try {
      while (confirmed + duplicates + failed < begun) {
        settled.awaitNanos(TimeUnit.SECONDS.toNanos(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  long confirmed() {
    return read(() -> confirmed);
  }

  long duplicates() {
    return read(() -> duplicates);
  }

  long failed() {
    return read(() -> failed);
  }

  long keyless() {
    return read(() -> keyless);
  }

  long firstOffset() {
    return read(() -> firstOffset);
  }

  long lastOffset() {
    return read(() -> lastOffset);
  }

  Optional<String> firstFailure() {
    lock.lock();
    try {
      return Optional.ofNullable(firstFailure);
    } finally {
      lock.unlock();
    }
  }

  private long read(java.util.function.LongSupplier value) {
    lock.lock();
    try {
      return value.getAsLong();
    } finally {
      lock.unlock();
    }
  }
}
