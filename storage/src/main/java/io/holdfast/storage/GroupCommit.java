package io.holdfast.storage;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets threads that wait for the device share its forces: one of them, the leader, forces for all.
 * There is no timer and no thread of its own. Thread-safe.
 *
 * <p>Who finds no leader becomes it; others queue and park. After its force, in {@code finally}, a
 * leader wakes exactly those whose offset is durable now and names the first of the others the next
 * leader, so a force that fails, or a thread that dies of it, leaves nobody waiting. Waking all
 * after each force costs more: most find nothing for them and queue again.
 */
final class GroupCommit {
  private final LongSupplier durable;
  private final Runnable force;
  private final ReentrantLock lock = new ReentrantLock(); // held for moments, never over a force
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(); // guarded by lock
  private boolean led; // guarded by lock: somebody leads, or was named to

  /**
   * Makes a commit without waiters.
   *
   * @param durable gives the durable point
   * @param force forces everything appended when it is called and raises the durable point; what it
   *     throws reaches its leader, and each follower calls it again
   */
  GroupCommit(LongSupplier durable, Runnable force) {
    this.durable = durable;
    this.force = force;
  }

  /** A parked thread. */
  private static final class Waiter {
    private final long upTo;
    private final Thread thread = Thread.currentThread();
    private boolean leads; // set before woken by a leader, read after it by the thread
    private volatile boolean woken; // set by a leader, read by the thread

    Waiter(long upTo) {
      this.upTo = upTo;
    }
  }

  /**
   * Returns once an offset is durable. Not broken by an interrupt; the flag stays set.
   *
   * @param upTo everything below it shall be durable
   */
  void await(long upTo) {
    boolean leads = false;
    while (durable.getAsLong() < upTo || leads) {
      if (leads || becomeLeader()) {
        lead(upTo);
        leads = false;
      } else {
        leads = follow(upTo);
      }
    }
  }

  private boolean becomeLeader() {
    lock.lock();
    try {
      boolean first = !led;
      led = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void lead(long upTo) {
    try {
      if (durable.getAsLong() < upTo) { // else somebody forced meanwhile, and others still wait
        force.run();
      }
    } finally {
      handOver();
    }
  }

  /** Queues until woken; returns whether this thread was named the leader. */
  private boolean follow(long upTo) {
    Waiter self = new Waiter(upTo);
    lock.lock();
    try {
      if (!led) {
        led = true;
        return true;
      }
      waiters.addLast(self);
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (!self.woken) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted(); // or park would return at once, again and again
    }
    if (interrupted) {
      self.thread.interrupt();
    }
    return self.leads;
  }

  /**
   * Wakes whom the force has served, and the first that it has not: that one leads. Allocates
   * nothing, so that not even a lack of memory leaves the others waiting for a leader.
   */
  private void handOver() {
    lock.lock();
    try {
      long reached = durable.getAsLong();
      boolean named = false;
      for (int left = waiters.size(); left > 0; left--) {
        Waiter waiter = waiters.pollFirst();
        boolean served = waiter.upTo <= reached;
        if (served || !named) {
          waiter.leads = !served;
          named |= !served;
          waiter.woken = true;
          LockSupport.unpark(waiter.thread);
        } else {
          waiters.addLast(waiter); // into the room that it left: the order stays, nothing grows
        }
      }
      led = named;
    } finally {
      lock.unlock();
    }
  }
}
