package io.holdfast.storage.file;

import io.holdfast.storage.error.StoreClosedException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A thread of the store's own for channel I/O: an interrupt would close a channel for everybody,
 * and nobody but the store has this thread to interrupt. Work is done in the order in which it was
 * given. Thread-safe.
 */
public final class StoreAgent implements AutoCloseable {
  private final ScheduledThreadPoolExecutor executor;
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
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread created = new Thread(work, name);
              created.setDaemon(true);
              thread = created;
              return created;
            });
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRejectedExecutionHandler(
        (work, ended) -> {
          if (!(work instanceof Delayed later) || later.getDelay(TimeUnit.NANOSECONDS) <= 0) {
            throw new RejectedExecutionException("the store has been closed");
          }
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
    if (isCurrent()) {
      return result(runHere(work));
    }
    return result(begin(work));
  }

  /**
   * Does work on the agent's thread and waits for it, but not for ever. An interrupt of the caller
   * does not end the wait; the flag is set again on return.
   *
   * @param work what to do; it goes on when the time is over
   * @param nanos longest wait, nanoseconds
   * @return whether it was done in time
   * @throws StoreClosedException when the agent has ended
   */
  public boolean call(Runnable work, long nanos) {
    CompletableFuture<Void> done =
        begin(
            () -> {
              work.run();
              return null;
            });
    return Uninterruptibly.await(done, nanos);
  }

  private <T> CompletableFuture<T> begin(Callable<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    submit(
        () -> {
          try {
            done.complete(work.call());
          } catch (Throwable e) { // handed to the caller, whatever it is
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  /**
   * Gives work to the agent's thread and does not wait. A Throwable goes to the failure handler.
   *
   * @param work what to do
   * @throws StoreClosedException when the agent has ended
   */
  public void execute(Runnable work) {
    submit(noticed(work));
  }

  /**
   * Gives work to the agent's thread for some time later. What is not due when the agent is closed
   * is left out, and so is what comes after that. A Throwable goes to the failure handler.
   *
   * @param work what to do
   * @param nanos from now, nanoseconds
   */
  public void schedule(Runnable work, long nanos) {
    executor.schedule(noticed(work), nanos, TimeUnit.NANOSECONDS);
  }

  private Runnable noticed(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (Throwable e) { // an agent that cannot go on must be noticed, whatever it is
        onFailure.accept(e);
      }
    };
  }

  /**
   * Whether the caller is this agent.
   *
   * @return true on its thread
   */
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Does what was given, then ends the thread. A second call does nothing. */
  @Override
  public void close() {
    executor.shutdown();
    if (!isCurrent()) {
      Uninterruptibly.awaitEnd(executor);
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
    Uninterruptibly.await(done, Long.MAX_VALUE);
    return done.join();
  }
}
