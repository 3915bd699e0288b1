package io.holdfast.engine.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits that an interrupt does not end. */
public final class Threads {
  private Threads() {}

  /**
   * Does work on a thread of its own and waits for it.
   *
   * @param name of the thread
   * @param work what it throws is thrown here
   * @param <T> what it gives
   * @return what it gave
   */
  public static <T> T callUninterruptibly(String name, Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, run -> new Thread(run, name).start()).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

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

  /**
   * Waits until a latch has come to 0, or the time is over; an interrupt is kept for later.
   *
   * @param latch that somebody else counts down
   * @param nanoTime as {@link System#nanoTime} counts
   * @return whether it has come to 0
   */
  public static boolean awaitUninterruptibly(CountDownLatch latch, long nanoTime) {
    boolean interrupted = false;
    while (latch.getCount() > 0) {
      long left = nanoTime - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        latch.await(left, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return latch.getCount() == 0;
  }
}
