package io.holdfast.engine.group;

import io.holdfast.engine.EngineEvent;
import io.holdfast.engine.EngineListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.NanoClock;

/**
 * Where events of an engine are told: each is logged, up to a number of lines of its kind in a
 * minute, and goes to the listener where there is one, on a thread of its own. Whoever publishes
 * never waits.
 *
 * <p>Thread-safe. Its lock may be taken under any other, and none is taken under it.
 */
public final class Events implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Events.class.getName());

  private static final int LINES = 10; // of one kind in a minute
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final EngineListener listener; // null where there is none, and then no thread
  private final NanoClock clock;
  private final Duration closeTimeout;
  private final Thread thread; // null as above
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<EngineEvent> waiting = new ArrayDeque<>(); // guarded by lock
  private final Map<Class<?>, Rate> rates = new HashMap<>(); // guarded by lock
  private long dropped; // since the listener was told; guarded by lock
  private boolean closed; // guarded by lock
  private final Complaints complaints = new Complaints(LOG); // of the listener, by kind of event

  /** How many lines of a kind were logged in this minute; guarded by lock. */
  private static final class Rate {
    private long since;
    private int lines;
    private long left; // out
  }

  /**
   * Makes it, and starts the thread where there is a listener.
   *
   * @param listener null where there is none
   * @param clock for the number of lines in a minute
   * @param closeTimeout how long a close waits for the listener
   */
  public Events(EngineListener listener, NanoClock clock, Duration closeTimeout) {
    this.listener = listener;
    this.clock = clock;
    this.closeTimeout = closeTimeout;
    this.thread = listener == null ? null : new Thread(this::run, "holdfast-events");
    if (thread != null) {
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * Logs an event and has the listener told.
   *
   * @param level of the line
   * @param event what happened
   */
  public void publish(Level level, EngineEvent event) {
    long left = takeLine(event);
    if (left >= 0) {
      LOG.log(
          level,
          left == 0
              ? event.toString()
              : event + "; " + left + " lines of this kind were left out before it");
    }
    tell(event);
  }

  /**
   * Logs an event as a warning and has the listener told.
   *
   * @param event what happened
   */
  public void publish(EngineEvent event) {
    publish(Level.WARNING, event);
  }

  /**
   * Has the listener told of an event that the caller has logged itself.
   *
   * @param event what happened
   */
  public void tell(EngineEvent event) {
    if (listener == null) {
      return;
    }
    lock.lock();
    try {
      if (closed || waiting.size() >= EngineListener.MAX_WAITING) {
        dropped++;
        return;
      }
      if (dropped > 0) {
        waiting.addLast(new EngineEvent.EventsDropped(dropped));
        dropped = 0;
      }
      waiting.addLast(event);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether this is the thread that runs the listener.
   *
   * @return false where there is none
   */
  public boolean isOwnThread() {
    return Thread.currentThread() == thread;
  }

  /**
   * Has the listener told of what is left, and ends the thread. Waits for both up to closeTimeout,
   * then interrupts the listener; not at all on its own thread. A second call does nothing.
   */
  @Override
  public void close() {
    if (thread == null) {
      return;
    }
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    if (!isOwnThread()
        && !Threads.joinUninterruptibly(thread, System.nanoTime() + closeTimeout.toNanos())) {
      thread.interrupt();
      LOG.log(
          Level.WARNING,
          "the listener of the engine''s events has not returned within {0}; it is left alone",
          closeTimeout);
    }
  }

  /** Returns how many lines of the event's kind were left out, or -1 where this one is. */
  private long takeLine(EngineEvent event) {
    lock.lock();
    try {
      long now = clock.nanoTime();
      Rate rate = rates.computeIfAbsent(event.getClass(), kind -> new Rate());
      if (rate.lines == 0 || now - rate.since >= MINUTE) {
        rate.since = now;
        rate.lines = 0;
      }
      if (rate.lines == LINES) {
        rate.left++;
        return -1;
      }
      rate.lines++;
      long left = rate.left;
      rate.left = 0;
      return left;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    for (EngineEvent event = next(); event != null; event = next()) {
      EngineThreads.enter();
      try {
        listener.onEvent(event);
      } catch (RuntimeException | Error e) { // a user's; the next event is told all the same
        // For good: one that fails now and then would fill the log, too.
        complaints.failed(event.getClass(), "the listener failed at " + event, e);
      } finally {
        EngineThreads.leave();
      }
    }
  }

  /** Returns the next event to tell, or null at the end. */
  private EngineEvent next() {
    lock.lock();
    try {
      while (waiting.isEmpty() && dropped == 0 && !closed) {
        changed.awaitUninterruptibly();
      }
      EngineEvent event = waiting.pollFirst();
      if (event == null && dropped > 0) {
        event = new EngineEvent.EventsDropped(dropped);
        dropped = 0;
      }
      return event;
    } finally {
      lock.unlock();
    }
  }
}
