package io.holdfast.storage.file;

import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StoreClosedException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread of a store that does channel I/O: an interrupt would close a channel for
 * everybody, and nobody but the store has this thread to interrupt. Work is done in the order in
 * which it was given. Thread-safe.
 */
public final class StoreAgent implements AutoCloseable {
  private final ThreadPoolExecutor executor;
  private final Consumer<Throwable> onFailure;
  private volatile Thread thread; // written once by the thread factory, read by call()

  /**
   * Starts nothing yet: the thread begins with the first work.
   *
   * @param name of the thread
   * @param onFailure told of a Throwable from work that nobody waits for
   */
  public StoreAgent(String name, Consumer<Throwable> onFailure) {
    this.onFailure = onFailure;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread created = new Thread(work, name);
              created.setDaemon(true);
              thread = created;
              return created;
            });
  }

  /**
   * Does work on the agent's thread and waits for it. An interrupt of the caller does not end the
   * wait; the flag is set again on return.
   *
   * @param work what to do; on the agent's own thread it runs at once
   * @param <T> what it gives
   * @return what it gave
   * @throws StoreClosedException when the agent has ended
   */
  public <T> T call(Callable<T> work) {
    if (Thread.currentThread() == thread) {
      return result(runHere(work));
    }
    CompletableFuture<T> done = new CompletableFuture<>();
    submit(
        () -> {
          try {
            done.complete(work.call());
          } catch (Throwable e) { // handed to the caller, whatever it is
            done.completeExceptionally(e);
          }
        });
    return result(done);
  }

  /**
   * Gives work to the agent's thread and does not wait. A Throwable goes to the failure handler.
   *
   * @param work what to do
   * @throws StoreClosedException when the agent has ended
   */
  public void execute(Runnable work) {
    submit(
        () -> {
          try {
            work.run();
          } catch (Throwable e) { // an agent that cannot go on must be noticed, whatever it is
            onFailure.accept(e);
          }
        });
  }

  /** Does what was given, then ends the thread. A second call does nothing. */
  @Override
  public void close() {
    executor.shutdown();
    if (Thread.currentThread() == thread) {
      return;
    }
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

  private void submit(Runnable work) {
    try {
      executor.execute(work);
    } catch (RejectedExecutionException e) {
      throw new StoreClosedException("the store has been closed", e);
    }
  }

  private static <T> CompletableFuture<T> runHere(Callable<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      done.complete(work.call());
    } catch (Exception e) {
      done.completeExceptionally(e);
    }
    return done;
  }

  private static <T> T result(CompletableFuture<T> done) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.get();
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

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException runtime) {
      runtime.addSuppressed(new Exception("asked for here"));
      throw runtime;
    }
    return new HoldfastException("work on the store's agent failed: " + cause, cause);
  }
}
