package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A subscription has a handler called for each message of a group: its return, or the completion of
 * its stage, is the ack, its exception the nack. While a handler works its lease extends itself, up
 * to maxProcessing; then the attempt counts as failed and the handler's thread is interrupted, or
 * its stage cancelled.
 *
 * <p>Threads {@code holdfast-<group>-<number>}, daemons, receive: one for each of the handlers that
 * run at once, or a single one where handlers run on an executor or return stages. Thread-safe.
 */
public final class Subscription implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Subscription.class.getName());
  private static final Duration LONG = Duration.ofDays(1);
  private static final long PAUSE_MILLIS = 1_000;

  private final Group group;
  private final AsyncDeliveryHandler handler;
  private final SubscribeConfig config;
  private final List<Receiver> receivers = new ArrayList<>();
  private final Semaphore free; // one permit for each handling that may begin
  private final Set<Handling> handlings = ConcurrentHashMap.newKeySet(); // those that are not over
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicInteger left; // receivers that have not ended, and handlings
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicInteger givenBack = new AtomicInteger(); // handlings that never began
  private volatile boolean closing; // written by close, read by receivers
  private volatile boolean givingUp; // written by the engine's close, read by handlings
  private volatile boolean troubled; // written by handlings and receivers, read by receivers

  Subscription(Group group, AsyncDeliveryHandler handler, int threads, SubscribeConfig config) {
    this.group = group;
    this.handler = handler;
    this.config = Objects.requireNonNull(config, "config");
    this.free = new Semaphore(config.concurrency());
    for (int i = 1; i <= threads; i++) {
      receivers.add(new Receiver(i));
    }
    this.left = new AtomicInteger(threads);
  }

  /** How many threads call a handler that returns when its work is done, or give it away. */
  static int threads(SubscribeConfig config) {
    Objects.requireNonNull(config, "config");
    return config.executor().isPresent() ? 1 : config.concurrency();
  }

  void start() {
    int started = 0;
    try {
      for (Receiver receiver : receivers) {
        receiver.thread.start();
        started++;
      }
    } finally {
      if (started < receivers.size()) { // there may be no room for so many threads
        stop();
        receivers.subList(started, receivers.size()).forEach(receiver -> leave());
      }
    }
  }

  /**
   * Ends the subscription: no message is handed out any more, what waits in the executor's queue is
   * given back, and handlers that run, and stages, may end their work. From one of its own handlers
   * it returns at once and the rest follows. It must not be waited for by what completes a stage. A
   * second call waits too.
   */
  @Override
  public void close() {
    stop();
    if (!isOwnThread()) {
      awaitEnd(System.nanoTime() + Long.MAX_VALUE);
    }
  }

  /**
   * Ends the subscription, but has all that was handed out to it handled first, also what waits in
   * the executor's queue; no message is handed out any more. When the time is over, what has not
   * begun is given back, as by {@link #close}, and handlers that run and stages may end their work;
   * {@code close} waits for those. An interrupt does not end the wait and is kept.
   *
   * <p>From one of its own handlers it returns false at once, and the rest follows, however long
   * that takes. What completes a stage must not wait for it.
   *
   * @param longest 0 or more; over 292 years is 292 years
   * @return whether everything was handled to its end in time; false also where a close, of the
   *     engine for instance, or the executor gave some of it back meanwhile
   */
  public boolean drain(Duration longest) {
    if (longest.isNegative()) {
      throw new IllegalArgumentException("a drain lasts 0 or more, not " + longest);
    }
    long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(longest);
    int before = givenBack.get();
    takeNoMore();
    if (isOwnThread()) {
      return false;
    }
    boolean isOver = awaitEnd(deadline);
    stop();
    return isOver && givenBack.get() == before;
  }

  @Override
  public String toString() {
    return "subscription of " + group;
  }

  SubscribeConfig config() {
    return config;
  }

  boolean isOwnThread() {
    Thread current = Thread.currentThread();
    return receivers.stream().anyMatch(receiver -> receiver.thread == current)
        || handlings.stream().anyMatch(handling -> handling.isOn(current));
  }

  /** Takes no more messages and gives back those whose handler has not begun; does not wait. */
  void stop() {
    closing = true;
    takeNoMore();
    handlings.forEach(Handling::giveBack);
  }

  private void takeNoMore() {
    stopping.countDown();
    receivers.forEach(receiver -> receiver.consumer.stopReceiving());
    free.release(); // a receiver may wait for a handling to be over
  }

  /** Waits until this time for the handlers to end; returns whether they did. */
  boolean awaitEnd(long nanoTime) {
    if (!Threads.awaitUninterruptibly(ended, nanoTime)) {
      return false;
    }
    receivers.forEach(receiver -> Threads.joinUninterruptibly(receiver.thread));
    return true;
  }

  /** Interrupts handlers that still run; what they give up for that is released, not failed. */
  void interruptHandlers() {
    givingUp = true;
    handlings.forEach(Handling::interrupt);
  }

  /** A handling has been called off before it began. */
  void notHandled() {
    givenBack.incrementAndGet();
  }

  boolean isGivingUp() {
    return givingUp;
  }

  /** A handling could not settle its message. */
  void settlingFailed(Delivery delivery, HoldfastException error) {
    if (error instanceof AlreadyClosedException) {
      LOG.log(Level.DEBUG, delivery + " is not settled: it outlived its engine", error);
    } else {
      trouble(error);
    }
  }

  /** The run of a handler has ended, whichever way, or will never begin; once for each handling. */
  void over(Handling handling) {
    handlings.remove(handling);
    free.release();
    leave();
  }

  private void leave() {
    if (left.decrementAndGet() == 0) {
      receivers.forEach(receiver -> receiver.consumer.close());
      // Not before: the engine's close waits for handlers that run, and knows their threads.
      group.forget(this);
      ended.countDown();
    }
  }

  private void trouble(Throwable error) {
    LOG.log(Level.WARNING, this + " cannot go on, next try in " + PAUSE_MILLIS + " ms", error);
    troubled = true;
  }

  private void dispatch(Delivery delivery) {
    left.incrementAndGet();
    Handling handling = new Handling(this, handler, delivery);
    handlings.add(handling);
    if (closing) {
      handling.giveBack(); // stop may have looked through the handlings before
    } else if (config.executor().isEmpty()) {
      handling.handle();
    } else {
      try {
        config.executor().get().execute(handling);
      } catch (RuntimeException | Error e) { // rejected, or there is no room for a thread
        handling.giveBack();
        trouble(e);
      }
    }
  }

  /** One thread and its consumer. */
  private final class Receiver {
    final Consumer consumer;
    final Thread thread;

    Receiver(int number) {
      String name = "handler-" + number;
      consumer =
          config.idles().isEmpty()
              ? group.consumer(name)
              : group.consumer(name, config.idles().get());
      thread = new Thread(this::work, "holdfast-" + group.name() + "-" + number);
      thread.setDaemon(true);
    }

    private void work() {
      try {
        while (stopping.getCount() > 0 && next() && goOn()) {
          // one message at a time: what waits behind a slow handler is better with another one
        }
      } finally {
        leave();
      }
    }

    /** Waits for its turn, receives one message and has it handled; returns whether to go on. */
    private boolean next() {
      boolean taken = false;
      try {
        free.acquire();
      } catch (InterruptedException e) {
        return true; // left behind by a handler that caught its interrupt and set it again
      }
      try {
        for (Delivery delivery : consumer.receive(1, LONG)) {
          taken = true;
          dispatch(delivery);
        }
        return true;
      } catch (AlreadyClosedException e) {
        return false;
      } catch (HoldfastInterruptedException e) {
        Thread.interrupted(); // as above
        return true;
      } catch (StorePoisonedException | StoreClosedException e) {
        LOG.log(Level.ERROR, Subscription.this + " ends: the store can no longer be used", e);
        return false;
      } catch (HoldfastException e) {
        trouble(e);
        return true;
      } finally {
        if (!taken) {
          free.release();
        }
      }
    }

    /** Makes a pause where something went wrong; returns whether to go on. */
    private boolean goOn() {
      if (!troubled) {
        return true;
      }
      troubled = false;
      try {
        return !stopping.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return true; // as for receive: nobody else has a reason to interrupt this thread
      }
    }
  }
}
