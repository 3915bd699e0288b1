package io.holdfast.engine;

import io.holdfast.storage.Eventually;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A thread that waits in a receive for one message. */
final class Waiting implements AutoCloseable {
  private final Consumer consumer;
  private final CompletableFuture<List<Delivery>> received = new CompletableFuture<>();
  private final Thread thread;

  /** Returns when the thread is about to wait, or does. */
  Waiting(Group group, Duration wait) throws InterruptedException {
    consumer = group.consumer("waiting");
    thread =
        new Thread(
            () -> {
              try {
                received.complete(consumer.receive(1, wait));
              } catch (RuntimeException e) {
                received.completeExceptionally(e);
              }
            },
            "waiting");
    thread.start();
    Eventually.holds(this::isWaiting, () -> "it should wait, and is " + thread.getState());
  }

  private boolean isWaiting() {
    return thread.getState() == Thread.State.TIMED_WAITING || received.isDone();
  }

  /**
   * Does what wakes the thread, and returns when it has looked for all that was there before and
   * waits again, or has received.
   */
  void looksAgain(Runnable waking) throws InterruptedException {
    long waits = waits();
    waking.run();
    Eventually.holds(
        () -> received.isDone() || waits() > waits && isWaiting(),
        () -> "it should have looked and wait again, and is " + thread.getState());
  }

  private long waits() {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId());
    return info == null ? 0 : info.getWaitedCount(); // null: it has ended
  }

  boolean isDone() {
    return received.isDone();
  }

  List<String> texts() throws InterruptedException, ExecutionException, TimeoutException {
    return TestStores.texts(received.get(30, TimeUnit.SECONDS));
  }

  @Override
  public void close() {
    consumer.close();
    received.exceptionally(closed -> List.of()).join();
  }
}
