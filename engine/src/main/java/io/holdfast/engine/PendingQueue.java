package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.PendingFullException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The asynchronous sends of a producer that have no answer yet, bounded in number and bytes. What
 * the producer's thread has taken still counts until it is answered. Thread-safe.
 */
final class PendingQueue {
  private static final double RESERVE = 0.05; // over the bounds, for who never waits

  private final ProducerConfig config;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final Deque<PendingSend> queue = new ArrayDeque<>(); // guarded by lock
  private int pending; // guarded by lock
  private long pendingBytes; // guarded by lock
  private int waiting; // guarded by lock: sends that wait for room
  private boolean closed; // guarded by lock

  PendingQueue(ProducerConfig config) {
    this.config = config;
  }

  /**
   * Adds a send.
   *
   * @param mayWait false on the producer's own thread, for which nobody would make room, and on
   *     others of the engine, for which it may wait in turn; these may use a reserve
   */
  void add(PendingSend send, boolean mayWait) {
    lock.lock();
    try {
      while (!closed && !hasRoomFor(send, mayWait ? 0 : RESERVE)) {
        if (!mayWait) {
          throw new PendingFullException(
              "producer " + config.name() + " has " + pending + " messages of " + pendingBytes
                  + " bytes pending, and a handler or callback does not wait for room; send from"
                  + " another thread, or raise maxPendingMessages or maxPendingBytes");
        }
        awaitRoom();
      }
      checkOpen();
      put(send);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HoldfastInterruptedException(
          "interrupted while waiting for room in producer " + config.name()
              + "; the message was not sent");
    } finally {
      lock.unlock();
    }
  }

  /** Adds a send if there is room now; returns whether there was. */
  boolean tryAdd(PendingSend send) {
    lock.lock();
    try {
      checkOpen();
      boolean hasRoom = hasRoomFor(send, 0);
      if (hasRoom) {
        put(send);
      }
      return hasRoom;
    } finally {
      lock.unlock();
    }
  }

  private void put(PendingSend send) {
    queue.addLast(send);
    pending++;
    pendingBytes += send.bytes();
    if (queue.size() == 1 || queue.size() == config.maxBatchSize()) {
      work.signal();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException(
          "producer " + config.name() + " is closed; the message was not sent");
    }
  }

  /** Whoever waits joins nothing, so that nothing may linger for it. */
  private void awaitRoom() throws InterruptedException {
    waiting++;
    try {
      work.signal();
      room.await();
    } finally {
      waiting--;
    }
  }

  /**
   * Takes what is appended together: waits for the first, then up to the linger for others, unless
   * a send waits for room.
   *
   * @return empty once the queue is closed and everything was taken
   */
  List<PendingSend> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (queue.isEmpty() && !closed) {
        work.await();
      }
      long left = config.linger().toNanos();
      while (left > 0 && !closed && waiting == 0 && queue.size() < config.maxBatchSize()) {
        left = work.awaitNanos(left);
      }
      List<PendingSend> batch = new ArrayList<>(Math.min(queue.size(), config.maxBatchSize()));
      moveTo(batch);
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Takes one more batch if all of it is there; returns whether it was. */
  boolean takeMore(List<PendingSend> to) {
    lock.lock();
    try {
      boolean isWhole = queue.size() >= config.maxBatchSize();
      if (isWhole) {
        moveTo(to);
      }
      return isWhole;
    } finally {
      lock.unlock();
    }
  }

  private void moveTo(List<PendingSend> batch) {
    int full = batch.size() + config.maxBatchSize();
    while (!queue.isEmpty() && batch.size() < full) {
      batch.add(queue.removeFirst());
    }
  }

  /** Makes the room of sends free that are about to be answered. */
  void release(List<PendingSend> sends) {
    lock.lock();
    try {
      pending -= sends.size();
      for (PendingSend send : sends) {
        pendingBytes -= send.bytes();
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; who waits for room is refused. */
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** One message alone may be larger than the bound of bytes: otherwise it could never be sent. */
  private boolean hasRoomFor(PendingSend send, double reserve) {
    double most = 1 + reserve;
    return pending == 0
        || pending < (long) (config.maxPendingMessages() * most)
            && pendingBytes + send.bytes() <= (long) (config.maxPendingBytes() * most);
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }
}
