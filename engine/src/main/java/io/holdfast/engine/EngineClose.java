package io.holdfast.engine;

import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.engine.group.Threads;
import io.holdfast.storage.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Closes an engine, once, in this order: nothing more is handed out, handlers end, producers send
 * what is pending, consumers give back what they hold, files are unmapped, the store is closed.
 *
 * <p>It runs on a thread of its own, so that a handler can begin it without waiting for itself.
 */
final class EngineClose {
  private static final long AFTER_INTERRUPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Duration timeout;
  private final Store store;
  private final GroupTimer timer;
  private final GroupDirectory groups;
  private final TopicRuntimes runtimes;
  private final RetentionThread retention;
  private final Map<String, Producer> producers;
  private final Transactions transactions;
  private final Events events;
  private final ReentrantLock changing; // the engine's, for what topics and groups there are
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread thread;
  private volatile boolean begun; // written under lock, read anywhere
  private volatile Throwable failure; // written by thread, read after it has ended

  EngineClose(
      Duration timeout,
      Store store,
      GroupTimer timer,
      GroupDirectory groups,
      TopicRuntimes runtimes,
      RetentionThread retention,
      Map<String, Producer> producers,
      Transactions transactions,
      Events events,
      ReentrantLock changing) {
    this.timeout = timeout;
    this.store = store;
    this.timer = timer;
    this.groups = groups;
    this.runtimes = runtimes;
    this.retention = retention;
    this.producers = producers;
    this.transactions = transactions;
    this.events = events;
    this.changing = changing;
    this.thread = new Thread(this::run, "holdfast-close");
  }

  boolean hasBegun() {
    return begun;
  }

  void close() {
    boolean own = isOnOwnThread();
    lock.lock();
    try {
      if (!begun) {
        begun = true;
        thread.start();
      }
    } finally {
      lock.unlock();
    }
    if (!own) {
      Threads.joinUninterruptibly(thread);
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure; // a step throws nothing else
      }
    }
  }

  private boolean isOnOwnThread() {
    return events.isOwnThread()
        || producers.values().stream().anyMatch(Producer::isOwnThread)
        || groups.all().stream()
            .flatMap(group -> group.subscriptions().stream())
            .anyMatch(Subscription::isOwnThread);
  }

  private void run() {
    List<Subscription> subscriptions = new ArrayList<>();
    groups.all().forEach(group -> subscriptions.addAll(group.subscriptions()));
    step(this::stopGroups);
    step(() -> endHandlers(subscriptions, timeout));
    step(() -> List.copyOf(producers.values()).forEach(Producer::close));
    step(transactions::close); // groups and topics are open for what they still do
    step(retention::close); // a group that is closed still needs its messages
    changing.lock(); // who made or deletes something ends that first: it has what is closed here
    try {
      step(this::stopGroups); // one may have been made since
      for (Group group : groups.all()) {
        step(group::close);
      }
      step(runtimes::close);
    } finally {
      changing.unlock();
    }
    step(timer::close);
    step(store::close);
    step(events::close); // last, because each of these steps may be worth one
  }

  private void stopGroups() {
    groups.all().forEach(group -> group.stop("the engine of " + group + " is closed"));
  }

  /** Waits for handlers to end, and interrupts those that have not by then. */
  static void endHandlers(List<Subscription> subscriptions, Duration timeout) {
    List<Subscription> running = awaitEnd(subscriptions, timeout.toNanos());
    running.forEach(Subscription::interruptHandlers);
    // Who does not heed the interrupt has its message taken away when the group's files are closed:
    // free at the next open, and nobody is blamed.
    awaitEnd(running, AFTER_INTERRUPT_NANOS);
  }

  private static List<Subscription> awaitEnd(List<Subscription> subscriptions, long nanos) {
    long deadline = System.nanoTime() + nanos;
    List<Subscription> running = new ArrayList<>();
    for (Subscription subscription : subscriptions) {
      if (!subscription.awaitEnd(deadline)) {
        running.add(subscription);
      }
    }
    return running;
  }

  /** What one step throws must not keep the next one from freeing what it holds. */
  private void step(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
  }
}
