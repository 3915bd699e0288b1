package io.holdfast.engine.group;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochClock;

/**
 * The thread that sleeps until the earliest deadline of all groups, and then lets leases run out,
 * tells waiting consumers of retries that are due, and writes dead letters that could not be
 * written.
 *
 * <p>Thread-safe. Its lock may be taken under the lock of a group, never the other way round.
 */
public final class GroupTimer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(GroupTimer.class.getName());

  private static final long RETRY_MILLIS = 1_000;
  private static final long MOST_SLEEP = 60_000; // the clock may be set, or the machine sleep

  private final EpochClock clock;
  private final Complaints complaints = new Complaints(LOG);
  private final List<Timed> timed = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition earlier = lock.newCondition();
  private final Thread thread;
  private volatile long planned = Long.MAX_VALUE; // written under lock, read by schedule
  private boolean closed; // guarded by lock

  /**
   * Makes a timer; {@link #start} starts its thread.
   *
   * @param clock epoch milliseconds
   */
  public GroupTimer(EpochClock clock) {
    this.clock = clock;
    this.thread = new Thread(this::run, "holdfast-timer");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Has the thread look through all deadlines, as if the clock had just begun to go. */
  public void wake() {
    schedule(0);
  }

  /**
   * Serves one more.
   *
   * @param one whose tick is called whenever something is due, by several threads at once
   */
  public void add(Timed one) {
    timed.add(one);
  }

  /**
   * Serves it no more; a tick may still run.
   *
   * @param one that was added
   */
  public void remove(Timed one) {
    timed.remove(one);
    complaints.worked(one);
  }

  /**
   * Has the thread wake at a time or before; costs one volatile read where it does anyway.
   *
   * @param deadline epoch milliseconds
   */
  public void schedule(long deadline) {
    if (deadline < planned) {
      lock.lock();
      try {
        if (deadline < planned) {
          planned = deadline;
          earlier.signal();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Does on the caller's thread what is due by the clock.
   *
   * @return the earliest deadline that is left, epoch milliseconds
   */
  public long tick() {
    long next = Long.MAX_VALUE;
    for (Timed one : timed) {
      try {
        next = Math.min(next, one.tick());
        complaints.worked(one);
      } catch (RuntimeException | Error e) {
        // A store that is closed or poisoned, which its users are told by their own calls; and
        // whatever else it is, the other groups still need this thread, and this one, too.
        complaints.failed(
            one,
            "the timer could not serve " + one + ", next try in " + RETRY_MILLIS + " ms",
            e);
        next = Math.min(next, clock.time() + RETRY_MILLIS);
      }
    }
    return next;
  }

  /** Ends the thread and waits for it. A second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      earlier.signal();
    } finally {
      lock.unlock();
    }
    if (Thread.currentThread() != thread) {
      Threads.joinUninterruptibly(thread);
    }
  }

  private void run() {
    while (true) {
      lock.lock();
      try {
        if (closed) {
          return;
        }
        // From here on schedule() notes what comes in while the groups are looked through.
        planned = Long.MAX_VALUE;
      } finally {
        lock.unlock();
      }
      sleepUntil(tick());
    }
  }

  private void sleepUntil(long next) {
    lock.lock();
    try {
      planned = Math.min(planned, next);
      for (long now = clock.time(); !closed && planned > now; now = clock.time()) {
        long sleep = planned == Long.MAX_VALUE ? planned : Math.min(planned - now, MOST_SLEEP);
        earlier.await(sleep, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread; a look at the deadlines does no harm.
      LOG.log(Level.DEBUG, "the timer was interrupted", e);
    } finally {
      lock.unlock();
    }
  }
}
