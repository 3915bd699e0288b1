package io.holdfast.storage;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lets threads that wait for the device share its forces: one of them, the leader, forces for all.
 * There is no timer, no thread of its own and no lock. Thread-safe.
 *
 * <p>Who finds no leader becomes it; others queue and park. After its force, in {@code finally}, a
 * leader names the first whom it did not serve the next leader, and then has exactly those woken
 * whose offset is durable now. So a force that fails, or a thread that dies of it, leaves nobody
 * waiting. Waking all after each force costs more: most find nothing for them and queue again.
 *
 * <p>The next leader is woken first, so that the device works while the served go on: they append
 * meanwhile, and the force after that is for them. The served wake each other, one the next: then
 * no thread pays for all, and those that are awake do not outnumber the processors by much.
 *
 * <pre>
 *   newest   null       nobody leads
 *            led        somebody leads, nobody came since it last looked
 *            a waiter   who came since, each before it behind it, led at the end
 * </pre>
 *
 * <p>No waiter is forgotten: one is added only while somebody leads, and who leads ends that only
 * by setting led to null, which fails when a waiter was added since it took the others over.
 */
final class GroupCommit {
  private final LongSupplier durable;
  private final Runnable force;
  private final Waiter led = new Waiter(0, null); // stands for nobody
  private final AtomicReference<Waiter> newest = new AtomicReference<>(); // any thread

  /** Whom no force has served, linked, who came first first: the leader's, handed on by wake. */
  private Waiter left;

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
    private final Thread thread;
    private Waiter next; // its thread's until it is queued, the leader's, then its thread's again
    private boolean leads; // set before woken by a leader, read after it by the thread
    private volatile boolean woken; // set by whoever wakes, read by the thread

    Waiter(long upTo, Thread thread) {
      this.upTo = upTo;
      this.thread = thread;
    }

    void wake() {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  /**
   * Returns once an offset is durable. Not broken by an interrupt; the flag stays set.
   *
   * @param upTo everything below it shall be durable
   */
  void await(long upTo) {
    boolean leads = false;
    while (leads || durable.getAsLong() < upTo) {
      if (leads || newest.compareAndSet(null, led)) {
        lead(upTo);
        leads = false;
      } else {
        leads = follow(upTo);
      }
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

  /** Queues until woken, unless nobody leads; returns whether this thread was named the leader. */
  private boolean follow(long upTo) {
    Waiter self = new Waiter(upTo, Thread.currentThread());
    do {
      self.next = newest.get();
      if (self.next == null) {
        return false;
      }
    } while (!newest.compareAndSet(self.next, self));
    boolean interrupted = false;
    while (!self.woken) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted(); // or park would return at once, again and again
    }
    if (self.next != null) { // takes less of the stack than park did, and no memory
      self.next.wake();
    }
    if (interrupted) {
      self.thread.interrupt();
    }
    return self.leads;
  }

  /**
   * Names the next leader, or ends the lead when everybody is served, and has the served woken.
   * Allocates nothing, so that not even a lack of memory leaves the others waiting for a leader.
   */
  private void handOver() {
    boolean over = false;
    while (!over) {
      takeOver();
      Waiter served = takeServed();
      Waiter leader = left;
      if (leader != null) {
        left = leader.next;
        leader.next = null;
        leader.leads = true;
        leader.wake(); // from here on nothing is ours but the served
      }
      if (served != null) {
        served.wake();
      }
      over = leader != null || newest.compareAndSet(led, null);
    }
  }

  /** Puts those who came since behind those who are left. */
  private void takeOver() {
    Waiter came = null;
    Waiter waiter = newest.getAndSet(led);
    while (waiter != led) {
      Waiter before = waiter.next;
      waiter.next = came;
      came = waiter;
      waiter = before;
    }
    if (left == null) {
      left = came;
    } else {
      Waiter last = left;
      while (last.next != null) {
        last = last.next;
      }
      last.next = came;
    }
  }

  /** Unlinks the served from those who are left; returns the first, linked to the others. */
  private Waiter takeServed() {
    long reached = durable.getAsLong();
    Waiter served = null;
    Waiter lastServed = null;
    Waiter lastLeft = null;
    Waiter waiter = left;
    left = null;
    while (waiter != null) {
      Waiter next = waiter.next;
      waiter.next = null;
      if (waiter.upTo > reached) {
        left = lastLeft == null ? waiter : left;
        lastLeft = linked(lastLeft, waiter);
      } else {
        served = lastServed == null ? waiter : served;
        lastServed = linked(lastServed, waiter);
      }
      waiter = next;
    }
    return served;
  }

  private static Waiter linked(Waiter last, Waiter waiter) {
    if (last != null) {
      last.next = waiter;
    }
    return waiter;
  }
}
