package io.holdfast.engine.group;

import java.util.concurrent.locks.ReentrantLock;

/**
 * One run of a handler for one delivery; while it lasts the lease extends itself. Thread-safe: the
 * lock sees to it that an interrupt hits the handler and nothing that its thread does afterwards.
 */
public final class HandlerRun {
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean running = true; // guarded by lock
  private boolean interrupted; // guarded by lock

  /**
   * Begins a run.
   *
   * @param thread runs the handler
   */
  public HandlerRun(Thread thread) {
    this.thread = thread;
  }

  /**
   * Whether the handler has not returned.
   *
   * @return true until {@link #end}
   */
  public boolean isRunning() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts the handler if it runs. */
  public void interrupt() {
    lock.lock();
    try {
      if (running) {
        interrupted = true;
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the run; on the thread of the handler. An interrupt that was meant for it is taken back.
   *
   * @return whether the handler had been interrupted from here
   */
  public boolean end() {
    lock.lock();
    try {
      running = false;
      if (interrupted) {
        Thread.interrupted();
      }
      return interrupted;
    } finally {
      lock.unlock();
    }
  }
}
