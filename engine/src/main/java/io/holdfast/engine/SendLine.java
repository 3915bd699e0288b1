package io.holdfast.engine;

import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.storage.Signal;
import io.holdfast.storage.TopicLog;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Senders that wait for one kind of room in a topic: first come, first served, so that a large
 * batch gets its turn. Each has a signal of its own, and only the first one is woken. Thread-safe;
 * its lock is held for moments and may be taken under that of a group.
 */
final class SendLine {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1); // nobody wakes for poison

  private final TopicLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Signal> waiting = new ArrayDeque<>(); // guarded by lock
  private volatile int size; // written under lock, read by whoever makes room

  SendLine(TopicLog log) {
    this.log = log;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * Waits for an attempt to succeed.
   *
   * @param sender gives the deadline, and is asked whether waiting still makes sense
   * @param attempt made when it is the caller's turn; null where there is no room
   * @return what the attempt gave; null where it did not succeed in time
   * @throws HoldfastInterruptedException when the thread is interrupted; the flag is set
   */
  <T> T await(Admission sender, Supplier<T> attempt) {
    Signal mine = new Signal();
    add(mine);
    try {
      while (true) {
        long version = mine.version(); // before the attempt, so that no wake-up is lost
        T answer = isFirst(mine) ? attempt.get() : null;
        long left = sender.deadline() - System.nanoTime();
        if (answer != null || left <= 0) {
          return answer;
        }
        sender.checkOpen();
        log.checkOpen();
        mine.await(version, Math.min(left, LOOK_NANOS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HoldfastInterruptedException(
          "interrupted while waiting for room in topic " + log.name() + "; nothing was written");
    } finally {
      remove(mine);
    }
  }

  /** There may be more room: the first one looks. Costs a fence while nobody waits. */
  void wake() {
    VarHandle.fullFence(); // the room is published before the look; see add
    if (size > 0) {
      Signal first;
      lock.lock();
      try {
        first = waiting.peekFirst();
      } finally {
        lock.unlock();
      }
      if (first != null) {
        first.raise();
      }
    }
  }

  /** A sender may have been closed: all look. */
  void wakeAll() {
    List<Signal> all;
    lock.lock();
    try {
      all = List.copyOf(waiting);
    } finally {
      lock.unlock();
    }
    all.forEach(Signal::raise);
  }

  private void add(Signal mine) {
    lock.lock();
    try {
      waiting.addLast(mine);
      size = waiting.size();
    } finally {
      lock.unlock();
    }
    VarHandle.fullFence(); // it is counted before it looks for room
  }

  private void remove(Signal mine) {
    lock.lock();
    try {
      waiting.remove(mine);
      size = waiting.size();
    } finally {
      lock.unlock();
    }
    wake(); // what is left may be enough for the next one
  }

  private boolean isFirst(Signal mine) {
    lock.lock();
    try {
      return waiting.peekFirst() == mine;
    } finally {
      lock.unlock();
    }
  }
}
