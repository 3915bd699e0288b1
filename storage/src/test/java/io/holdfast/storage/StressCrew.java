package io.holdfast.storage;

import io.holdfast.storage.error.StoreClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Threads that work on a store until it is closed under them, or one of them fails. */
final class StressCrew {
  private final List<Thread> threads = new ArrayList<>(); // the test's thread
  private final CountDownLatch failed = new CountDownLatch(1);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** What one of them does. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  void start(String name, Work work) {
    Thread thread = new Thread(() -> doUntilClosed(work), name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void doUntilClosed(Work work) {
    try {
      while (failed.getCount() > 0) {
        work.run();
      }
    } catch (StoreClosedException e) {
      return; // that is how it ends
    } catch (Throwable e) { // told to the test, whatever it is
      fail(e);
    }
  }

  private void fail(Throwable e) {
    if (!failure.compareAndSet(null, e) && failure.get() != e) {
      failure.get().addSuppressed(e);
    }
    failed.countDown();
  }

  /** Lets them work, until one fails at the latest. */
  void letWork(long nanos) throws InterruptedException {
    if (failed.await(nanos, TimeUnit.NANOSECONDS)) {
      throw new AssertionError("one of the threads failed", failure.get());
    }
  }

  /** After the store was closed: waits for their ends. */
  void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    letWork(0);
  }
}
