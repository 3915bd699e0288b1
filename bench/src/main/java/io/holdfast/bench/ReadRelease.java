package io.holdfast.bench;

import io.holdfast.storage.TopicLog;
import java.util.concurrent.locks.LockSupport;

/**
 * Frees what was read, on a thread of its own, as an application's retention does: a drop waits for
 * the device, and whoever reads should not. What is asked for meanwhile is done together.
 */
public final class ReadRelease implements AutoCloseable {
  private final TopicLog topic;
  private final Thread thread = new Thread(this::run, "read-release");
  private volatile long below; // the consumer writes, the thread reads
  private volatile boolean closed; // the consumer writes, the thread reads
  private volatile RuntimeException failure; // the thread writes, the consumer reads

  /**
   * Starts the thread.
   *
   * @param topic whose oldest segments are dropped
   */
  public ReadRelease(TopicLog topic) {
    this.topic = topic;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Says that nothing below an offset is needed; returns at once.
   *
   * @param offset the lowest that must stay readable
   * @throws IllegalStateException when an earlier drop failed
   */
  public void release(long offset) {
    RuntimeException failed = failure;
    if (failed != null) {
      throw new IllegalStateException("what was read could not be freed", failed);
    }
    below = offset;
    LockSupport.unpark(thread);
  }

  private void run() {
    long done = 0;
    try {
      while (!closed) {
        long asked = below;
        if (asked > done) {
          topic.dropBefore(asked);
          done = asked;
        } else {
          LockSupport.park(this);
        }
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** Waits for a drop that goes on. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
