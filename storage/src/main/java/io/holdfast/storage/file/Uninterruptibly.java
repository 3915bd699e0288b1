package io.holdfast.storage.file;

import io.holdfast.storage.error.HoldfastException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits that an interrupt does not end: the flag is set again on return. */
public final class Uninterruptibly {
  private Uninterruptibly() {}

  /**
   * Waits for a result.
   *
   * @param done what is waited for
   * @param nanos longest wait, nanoseconds
   * @return whether it came in time
   * @throws RuntimeException what the work threw, where it is no Error
   */
  public static boolean await(CompletableFuture<?> done, long nanos) {
    boolean interrupted = false;
    long deadline = System.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2);
    try {
      while (true) {
        try {
          done.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
          return true;
        } catch (TimeoutException e) {
          return done.isDone();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits until an executor that was shut down has ended. */
  static void awaitEnd(ExecutorService executor) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = executor.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException runtime) {
      runtime.addSuppressed(new Exception("asked for here"));
      throw runtime;
    }
    return new HoldfastException("work on a thread of the store failed: " + cause, cause);
  }
}
