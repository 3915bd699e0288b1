package io.holdfast.engine;

import io.holdfast.engine.group.Complaints;
import io.holdfast.engine.group.Threads;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.EpochClock;

/**
 * The thread {@code holdfast-retention} of an engine, which drops what topics keep no longer. It
 * sleeps until a topic asks for it, or the age of a topic's oldest file does; topics that do
 * neither cost nothing. Thread-safe.
 *
 * <p>Its lock is held for moments and may be taken under that of a group or a topic.
 */
final class RetentionThread implements AutoCloseable {
  private static final Logger LOG = System.getLogger(RetentionThread.class.getName());
  private static final long RETRY_MILLIS = 1_000;
  private static final long LONGEST_SLEEP_MILLIS = 60_000;

  private final EpochClock clock;
  private final ReentrantLock working = new ReentrantLock(); // held over the rounds of a topic
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition earlier = lock.newCondition();
  private final Set<TopicKeeper> asked = new LinkedHashSet<>(); // guarded by lock
  private final TreeSet<Due> due = new TreeSet<>(Due.ORDER); // guarded by lock
  private final Complaints complaints = new Complaints(LOG);
  private final Thread thread = new Thread(this::run, "holdfast-retention");
  private boolean closed; // guarded by lock

  RetentionThread(EpochClock clock) {
    this.clock = clock;
    this.thread.setDaemon(true);
  }

  /** When a topic is to be looked at again. */
  private record Due(long time, TopicKeeper keeper) {
    static final Comparator<Due> ORDER =
        Comparator.comparingLong(Due::time).thenComparing(one -> one.keeper().number());
  }

  /** Starts the thread, once all groups are open: until then nobody knows what they need. */
  void start() {
    thread.start();
  }

  /** Has a topic looked at soon. */
  void ask(TopicKeeper keeper) {
    lock.lock();
    try {
      if (!closed && !keeper.isGone() && asked.add(keeper)) {
        earlier.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The topic is gone: it is not looked at any more. Waits for a round that is under way. */
  void forget(TopicKeeper keeper) {
    working.lock();
    try {
      lock.lock();
      try {
        keeper.goes(); // whoever asks from now on is late
        asked.remove(keeper);
        due.removeIf(one -> one.keeper() == keeper);
        complaints.worked(keeper);
      } finally {
        lock.unlock();
      }
    } finally {
      working.unlock();
    }
  }

  /** Does on the caller's thread what was asked for or is due, and waits for what is under way. */
  void tick() {
    while (workOnce()) {
      // until nothing is left
    }
  }

  /** Looks at one topic; returns false where none has to be. */
  private boolean workOnce() {
    working.lock();
    try {
      TopicKeeper keeper = poll();
      if (keeper == null) {
        return false;
      }
      long next;
      try {
        next = keeper.round();
        complaints.worked(keeper);
      } catch (RuntimeException | Error e) {
        // The store's users are told by their own calls; other topics still need this thread.
        complaints.failed(
            keeper,
            "retention could not serve " + keeper + ", next try in " + RETRY_MILLIS + " ms",
            e);
        next = clock.time() + RETRY_MILLIS;
      }
      plan(keeper, next);
      return true;
    } finally {
      working.unlock();
    }
  }

  private TopicKeeper poll() {
    lock.lock();
    try {
      if (closed) {
        return null;
      }
      TopicKeeper keeper = null;
      if (!asked.isEmpty()) {
        keeper = asked.iterator().next();
        asked.remove(keeper);
      } else if (!due.isEmpty() && due.first().time() <= clock.time()) {
        keeper = due.pollFirst().keeper();
      }
      return keeper;
    } finally {
      lock.unlock();
    }
  }

  private void plan(TopicKeeper keeper, long next) {
    lock.lock();
    try {
      due.removeIf(one -> one.keeper() == keeper);
      if (next < Long.MAX_VALUE) {
        due.add(new Due(next, keeper));
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (awaitWork()) {
      workOnce();
    }
  }

  /** Sleeps until there may be something to do; returns false at the end. */
  private boolean awaitWork() {
    lock.lock();
    try {
      while (!closed && asked.isEmpty()) {
        long left = due.isEmpty() ? Long.MAX_VALUE : due.first().time() - clock.time();
        if (left <= 0) {
          break;
        }
        // Where something is planned no longer than a minute: the clock may be set forward.
        long sleep = due.isEmpty() ? left : Math.min(left, LONGEST_SLEEP_MILLIS);
        earlier.await(sleep, TimeUnit.MILLISECONDS);
      }
      return !closed;
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread; a look at the topics does no harm.
      LOG.log(Level.DEBUG, "the retention thread was interrupted", e);
      return true;
    } finally {
      lock.unlock();
    }
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
}
