package io.holdfast.storage.crash;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does many things on more threads than there are cores: each waits for the threads of a store. */
public final class AtOnce {
  private static final int FOR_A_CORE = 8;

  private AtOnce() {}

  /** Threads that keep all cores busy. */
  static int threads() {
    return FOR_A_CORE * Runtime.getRuntime().availableProcessors();
  }

  /**
   * Does the same with each of many things.
   *
   * @param all of them
   * @param work called by several threads at once
   * @param <T> their type
   * @throws AssertionError the first violation in their order; what was not begun is left out
   */
  public static <T> void each(Collection<T> all, Consumer<T> work) {
    ExecutorService pool = Executors.newFixedThreadPool(threads());
    try {
      List<Future<?>> begun = new ArrayList<>();
      all.forEach(one -> begun.add(pool.submit(() -> work.accept(one))));
      for (Future<?> one : begun) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof AssertionError violation ? violation : new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      pool.shutdownNow();
    }
  }
}
