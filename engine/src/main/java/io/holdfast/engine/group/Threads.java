package io.holdfast.engine.group;

import java.util.concurrent.TimeUnit;

/** Waits that an interrupt does not end. */
public final class Threads {
  private Threads() {}

  /**
   * Waits until a thread has ended; an interrupt is kept for later.
   *
   * @param thread a thread that was started, or never will be
   */
  public static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until a thread has ended, or the time is over; an interrupt is kept for later.
   *
   * @param thread a thread that was started, or never will be
   * @param nanoTime as {@link System#nanoTime} counts
   * @return whether the thread has ended
   */
  public static boolean joinUninterruptibly(Thread thread, long nanoTime) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      long left = nanoTime - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
