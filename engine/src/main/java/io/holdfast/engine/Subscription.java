package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.group.HandlerRun;
import io.holdfast.engine.group.Threads;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StoreClosedException;
import io.holdfast.storage.error.StorePoisonedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A subscription has a handler called for each message of a group: its return is the ack, its
 * exception the nack. While a handler runs its lease extends itself, up to maxProcessing; then the
 * attempt counts as failed and the handler's thread is interrupted.
 *
 * <p>Each of the handlers that run at once has a thread {@code holdfast-<group>-<number>}, a
 * daemon. Thread-safe.
 */
public final class Subscription implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Subscription.class.getName());
  private static final Duration LONG = Duration.ofDays(1);
  private static final long PAUSE_MILLIS = 1_000;

  private final Group group;
  private final DeliveryHandler handler;
  private final List<Worker> workers = new ArrayList<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicInteger running; // workers that have not ended

  Subscription(Group group, DeliveryHandler handler, SubscribeConfig config) {
    this.group = group;
    this.handler = Objects.requireNonNull(handler, "handler");
    for (int i = 1; i <= config.concurrency(); i++) {
      workers.add(new Worker(i));
    }
    this.running = new AtomicInteger(workers.size());
  }

  void start() {
    workers.forEach(worker -> worker.thread.start());
  }

  /**
   * Ends the subscription: no message is handed out any more, and handlers that run may end their
   * work. From one of its own handlers it returns at once and the rest follows. A second call does
   * nothing.
   */
  @Override
  public void close() {
    stop();
    if (!isOwnThread()) {
      workers.forEach(worker -> Threads.joinUninterruptibly(worker.thread));
    }
  }

  @Override
  public String toString() {
    return "subscription of " + group;
  }

  boolean isOwnThread() {
    return workers.stream().anyMatch(worker -> worker.thread == Thread.currentThread());
  }

  /** Takes no more messages; does not wait. */
  void stop() {
    stopping.countDown();
    workers.forEach(worker -> worker.consumer.stopReceiving());
  }

  /** Waits until this time for the handlers to end; returns whether they did. */
  boolean awaitEnd(long nanoTime) {
    boolean ended = true;
    for (Worker worker : workers) {
      ended &= Threads.joinUninterruptibly(worker.thread, nanoTime);
    }
    return ended;
  }

  /** Interrupts handlers that still run; what they give up for that is released, not failed. */
  void interruptHandlers() {
    workers.forEach(Worker::giveUp);
  }

  /** One thread and its consumer. */
  private final class Worker {
    final Consumer consumer;
    final Thread thread;
    private volatile HandlerRun run; // written by thread, read by giveUp
    private volatile boolean givingUp; // written by giveUp, read by thread

    Worker(int number) {
      consumer = group.consumer("handler-" + number);
      thread = new Thread(this::work, "holdfast-" + group.name() + "-" + number);
      thread.setDaemon(true);
    }

    void giveUp() {
      givingUp = true;
      HandlerRun current = run;
      if (current != null) {
        current.interrupt();
      }
    }

    private void work() {
      try {
        while (stopping.getCount() > 0 && next()) {
          // one message at a time: what waits behind a slow handler is better with another one
        }
      } finally {
        consumer.close();
        if (running.decrementAndGet() == 0) {
          // Not before: the engine's close waits for handlers that run, and knows their threads.
          group.forget(Subscription.this);
        }
      }
    }

    /** Receives and handles one message; returns whether to go on. */
    private boolean next() {
      try {
        for (Delivery delivery : consumer.receive(1, LONG)) {
          handle(delivery);
        }
        return true;
      } catch (AlreadyClosedException e) {
        return false;
      } catch (HoldfastInterruptedException e) {
        Thread.interrupted(); // left behind by a handler that caught its interrupt and set it again
        return true;
      } catch (StorePoisonedException | StoreClosedException e) {
        LOG.log(Level.ERROR, Subscription.this + " ends: the store can no longer be used", e);
        return false;
      } catch (HoldfastException e) {
        LOG.log(
            Level.WARNING,
            Subscription.this + " cannot go on, next try in " + PAUSE_MILLIS + " ms",
            e);
        return pause();
      }
    }

    private void handle(Delivery delivery) {
      HandlerRun current = new HandlerRun(Thread.currentThread());
      run = current;
      delivery.handledBy(current);
      if (givingUp) {
        current.interrupt();
      }
      Throwable error = null;
      try {
        handler.handle(delivery);
      } catch (Throwable e) { // an Error of a handler is the handler's as well
        error = e;
      }
      boolean wasInterrupted = current.end();
      run = null;
      if (error == null) {
        delivery.ack();
      } else if (wasInterrupted && givingUp) {
        delivery.release();
      } else {
        delivery.nack(error);
      }
      delivery.handlerReturned();
    }

    private boolean pause() {
      try {
        return !stopping.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return true; // as for receive: nobody else has a reason to interrupt this thread
      }
    }
  }
}
