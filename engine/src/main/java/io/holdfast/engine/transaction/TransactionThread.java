package io.holdfast.engine.transaction;

import io.holdfast.engine.group.Threads;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StoreClosedException;
import io.holdfast.storage.error.StorePoisonedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread behind commits, {@code holdfast-transactions}: forces powerLoss topics, so that
 * messages of transactions become visible, has the mark follow, and tries again what is held. It is
 * started with the first commit. Thread-safe.
 */
public final class TransactionThread implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TransactionThread.class.getName());
  private static final int STEP = 1_000; // transactions
  private static final long STEP_BYTES = 16 << 20;
  private static final int MOST_STEPS = 8; // behind: then commits do the work themselves
  private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TransactionJournal journal;
  private final Runnable retry;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Set<TopicLog> unforced = new HashSet<>(); // guarded by lock
  private Thread thread; // guarded by lock; null until it is started
  private boolean isBehind; // a transaction has come since the last mark; guarded by lock
  private boolean isUrgent; // there is much behind the last mark; guarded by lock
  private long markAt; // System.nanoTime; guarded by lock
  private boolean closed; // guarded by lock
  private int failures; // in a row; the thread's

  /**
   * Makes it without starting the thread.
   *
   * @param journal of the store
   * @param retry tries again what is held
   */
  public TransactionThread(TransactionJournal journal, Runnable retry) {
    this.journal = journal;
    this.retry = retry;
  }

  /**
   * A transaction was applied, or is held. Does the work itself where the thread is far behind.
   *
   * @param topics that have to be forced for their messages to be visible
   */
  public void committed(Collection<TopicLog> topics) {
    int size = journal.size();
    long bytes = journal.bytes();
    boolean isMuch = size >= STEP || bytes >= STEP_BYTES;
    boolean isFarBehind = size > MOST_STEPS * STEP || bytes > MOST_STEPS * STEP_BYTES;
    lock.lock();
    try {
      if (!isBehind) {
        isBehind = true;
        markAt = System.nanoTime() + STEP_NANOS;
        work.signal();
      }
      isUrgent |= isMuch;
      if (unforced.addAll(topics) || isMuch) {
        work.signal();
      }
      if (thread == null && !closed) {
        thread = new Thread(this::run, "holdfast-transactions");
        thread.setDaemon(true);
        thread.start();
      }
    } finally {
      lock.unlock();
    }
    if (isFarBehind) {
      try {
        journal.mark();
      } catch (HoldfastException e) { // the transaction is committed; the thread tries again
        LOG.log(Level.DEBUG, "transactions could not be marked as applied", e);
      }
    }
  }

  /** Does all of the work that there is, on the caller's thread. */
  public void tick() {
    force();
    retry.run();
    journal.mark();
  }

  private void run() {
    while (await()) {
      try {
        force();
        if (isMarkDue()) {
          retry.run();
          journal.mark();
        }
        failures = 0;
      } catch (StorePoisonedException | StoreClosedException e) {
        LOG.log(Level.DEBUG, "the next opening goes on with what is not marked", e);
        return;
      } catch (RuntimeException | Error e) { // a full disk, a slow one; others need this thread
        if (Integer.bitCount(++failures) == 1) {
          LOG.log(
              Level.WARNING,
              "transactions could not be marked as applied, try " + failures
                  + "; next try in a second",
              e);
        }
        tryLater();
      }
    }
  }

  private void tryLater() {
    lock.lock();
    try {
      isBehind = true;
      markAt = System.nanoTime() + STEP_NANOS;
    } finally {
      lock.unlock();
    }
  }

  private void force() {
    Set<TopicLog> topics;
    lock.lock();
    try {
      topics = Set.copyOf(unforced);
      unforced.clear();
    } finally {
      lock.unlock();
    }
    topics.forEach(TransactionJournal::force);
  }

  private boolean isMarkDue() {
    boolean areHeld = !journal.held().isEmpty();
    lock.lock();
    try {
      boolean isDue = isBehind && (isUrgent || markAt - System.nanoTime() <= 0);
      if (isDue) {
        isUrgent = false;
        isBehind = areHeld; // to be tried again
        markAt = System.nanoTime() + STEP_NANOS;
      }
      return isDue;
    } finally {
      lock.unlock();
    }
  }

  /** Sleeps until there may be something to do; returns false at the end. */
  private boolean await() {
    lock.lock();
    try {
      while (!closed && unforced.isEmpty()) {
        long left = isBehind ? markAt - System.nanoTime() : Long.MAX_VALUE;
        if (left <= 0 || isUrgent) {
          break;
        }
        work.awaitNanos(left);
      }
      return !closed;
    } catch (InterruptedException e) {
      return true; // nobody has a reason to interrupt this thread; a look does no harm
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread and waits for it. A second call does nothing. */
  @Override
  public void close() {
    Thread ending;
    lock.lock();
    try {
      closed = true;
      ending = thread;
      work.signal();
    } finally {
      lock.unlock();
    }
    if (ending != null) {
      Threads.joinUninterruptibly(ending);
    }
  }
}
