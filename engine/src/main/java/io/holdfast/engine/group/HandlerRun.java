package io.holdfast.engine.group;

import java.util.concurrent.locks.ReentrantLock;

/**
 * One run of a handler for one delivery. It waits for a thread, is on that thread, may go on in a
 * stage when the thread has returned, and has ended; it may also end before it began. While it
 * lasts the lease extends itself.
 *
 * <p>Thread-safe: the lock sees to it that an interrupt hits the handler and nothing that its
 * thread does afterwards, and that a run either begins or is called off.
 */
public final class HandlerRun {
  private enum Phase {
    WAITING,
    ON_THREAD,
    IN_STAGE,
    ENDED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private Phase phase = Phase.WAITING; // guarded by lock
  private Thread thread; // while it is on one; guarded by lock
  private Runnable cancel; // while it is in a stage; guarded by lock
  private boolean interrupted; // guarded by lock

  /** Makes a run that waits. */
  public HandlerRun() {
    // The fields are set where they are declared.
  }

  /**
   * Begins the run on the caller's thread.
   *
   * @return false when it was called off
   */
  public boolean begin() {
    lock.lock();
    try {
      if (phase != Phase.WAITING) {
        return false;
      }
      phase = Phase.ON_THREAD;
      thread = Thread.currentThread();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the run if it has not begun.
   *
   * @return whether it will not begin because of this call
   */
  public boolean callOff() {
    lock.lock();
    try {
      if (phase != Phase.WAITING) {
        return false;
      }
      phase = Phase.ENDED;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The handler has returned and the work goes on in a stage; on the handler's thread. An interrupt
   * that was meant for it is taken back and hits the stage instead.
   *
   * @param cancelStage how to interrupt from now on; on any thread, must not block
   */
  public void goOn(Runnable cancelStage) {
    boolean late;
    lock.lock();
    try {
      late = interrupted;
      leaveThread();
      phase = Phase.IN_STAGE;
      cancel = cancelStage;
    } finally {
      lock.unlock();
    }
    if (late) {
      cancelStage.run();
    }
  }

  /**
   * Ends the run: on the thread of the handler, or any thread when it is in a stage. An interrupt
   * that was meant for it is taken back.
   *
   * @return false when it had ended before
   */
  public boolean end() {
    lock.lock();
    try {
      if (phase == Phase.ENDED) {
        return false;
      }
      leaveThread();
      phase = Phase.ENDED;
      cancel = null;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts the handler if it runs, or cancels its stage. */
  public void interrupt() {
    Runnable work = null;
    lock.lock();
    try {
      if (phase == Phase.ON_THREAD) {
        interrupted = true;
        thread.interrupt();
      } else if (phase == Phase.IN_STAGE) {
        interrupted = true;
        work = cancel;
      }
    } finally {
      lock.unlock();
    }
    if (work != null) {
      work.run(); // not under the lock: whoever waits for the stage may do anything
    }
  }

  /**
   * Whether it has not begun.
   *
   * @return true until {@link #begin} or {@link #callOff}
   */
  public boolean isWaiting() {
    return is(Phase.WAITING, Phase.WAITING);
  }

  /**
   * Whether it has begun and not ended.
   *
   * @return true from {@link #begin} to {@link #end}
   */
  public boolean isRunning() {
    return is(Phase.ON_THREAD, Phase.IN_STAGE);
  }

  /**
   * Whether the handler runs on this thread.
   *
   * @param asked any thread
   * @return false also when the handler has returned and its stage goes on
   */
  public boolean isOn(Thread asked) {
    lock.lock();
    try {
      return thread == asked;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether the handler was interrupted, or its stage cancelled, from here.
   *
   * @return stays so when the run has ended
   */
  public boolean wasInterrupted() {
    lock.lock();
    try {
      return interrupted;
    } finally {
      lock.unlock();
    }
  }

  private boolean is(Phase one, Phase other) {
    lock.lock();
    try {
      return phase == one || phase == other;
    } finally {
      lock.unlock();
    }
  }

  private void leaveThread() {
    if (phase == Phase.ON_THREAD && interrupted) {
      Thread.interrupted();
    }
    thread = null;
  }
}
