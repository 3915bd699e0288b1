package io.holdfast.engine.group;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Signal;
import io.holdfast.storage.error.HoldfastException;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The topics of a group that may have something to hand out, in a ring: so a receive costs in
 * proportion to those, however many topics the group has, and each has its turn. Thread-safe.
 *
 * <p>A topic leaves the ring when a look found nothing and nobody has marked it since before the
 * look. Nothing is missed: whoever publishes sets the mark and then reads whether the topic is in
 * the ring; whoever takes it out says that it is out and then reads the mark. Both are volatile, so
 * one of them sees the other and puts it back. A look that found something sets the mark as well,
 * because another one, at the same time, may have found nothing.
 *
 * <p>A group with a single topic does without: that one is asked each time.
 */
public final class ReadyTopics {
  private final Signal group;
  private final ReentrantLock lock = new ReentrantLock(); // for moments; the innermost of all
  private final List<TopicSignal> all = new ArrayList<>(); // guarded by lock
  private TopicSignal turn; // whose turn it is; null where none is ready; guarded by lock
  private volatile int size; // of the ring; written under lock, read anywhere
  private volatile GroupTopic only; // the one topic there is, or null; written under lock

  /**
   * Makes a ring without topics.
   *
   * @param group raised when one of them may have something
   */
  public ReadyTopics(Signal group) {
    this.group = group;
  }

  /**
   * Makes the signal of a topic, to open its state with.
   *
   * @return unknown here until {@link #add}
   */
  public TopicSignal signal() {
    return new TopicSignal(this, group);
  }

  /**
   * Adds a topic, which may have something.
   *
   * @param signal what its state was opened with
   * @param topic open
   */
  public void add(TopicSignal signal, GroupTopic topic) {
    TopicSignal first;
    lock.lock();
    try {
      signal.topic = topic;
      all.add(signal);
      only = all.size() == 1 ? topic : null;
      first = all.get(0);
    } finally {
      lock.unlock();
    }
    first.mark(); // it may have been the single one, which nobody marks who takes from it
    signal.mark();
  }

  /**
   * Takes a topic out, for good.
   *
   * @param signal what its state was opened with
   */
  public void remove(TopicSignal signal) {
    lock.lock();
    try {
      all.remove(signal);
      unlink(signal);
      signal.topic = null;
      only = all.size() == 1 ? all.get(0).topic : null;
    } finally {
      lock.unlock();
    }
  }

  /** Has all topics looked at once more, because something has changed that concerns all. */
  public void markAll() {
    List<TopicSignal> signals;
    lock.lock();
    try {
      signals = List.copyOf(all);
    } finally {
      lock.unlock();
    }
    signals.forEach(TopicSignal::mark);
    group.raise();
  }

  /**
   * Returns how many topics would be looked at.
   *
   * @return 0 when none has anything, and none was added since
   */
  public int size() {
    return size;
  }

  /**
   * Takes what is there: first from each topic that is ready no more than its share, beginning with
   * the one whose turn it is, then whatever is left from those that had their share in full.
   *
   * @param max most leases
   * @param holder who gets them
   * @param into where they are added
   * @throws HoldfastException what the last topic threw that did, where no other had anything
   */
  public void take(int max, LeaseHolder holder, List<Lease> into) {
    GroupTopic single = only;
    if (single != null) {
      takeSingle(single, max, holder, into);
      return;
    }
    int before = into.size();
    HoldfastException failure = takeShares(max, holder, into);
    if (into.size() == before && size > 0) {
      // Others take their turns meanwhile, so that this one may have missed some, and would wait.
      for (TopicSignal signal : ring()) {
        try {
          look(signal, max, holder, into);
        } catch (HoldfastException e) {
          failure = e;
        }
        if (into.size() > before) {
          return;
        }
      }
    }
    if (failure != null && into.size() == before) {
      throw failure;
    }
  }

  private void takeSingle(GroupTopic single, int max, LeaseHolder holder, List<Lease> into) {
    try {
      single.take(max, holder, into);
    } catch (AlreadyClosedException e) {
      if (only == single) {
        throw e;
      } // else it has left meanwhile
    }
  }

  private HoldfastException takeShares(int max, LeaseHolder holder, List<Lease> into) {
    int full = into.size() + max;
    TopicSignal first = turn();
    int ready = size;
    int share = Math.max(1, (max + ready - 1) / Math.max(1, ready));
    boolean hasMore = false;
    HoldfastException failure = null;
    for (int round = 1; round <= 2; round++) {
      for (int i = 0; i < ready && into.size() < full; i++) {
        TopicSignal signal = next();
        int most = Math.min(full - into.size(), round == 1 ? share : max);
        int had = into.size();
        try {
          look(signal, most, holder, into);
        } catch (HoldfastException e) {
          failure = e; // where another topic has messages, they go out, and this one fails again
        }
        hasMore |= into.size() - had == share;
      }
      if (!hasMore || into.size() == full) {
        break;
      }
      ready = size;
    }
    beginBehind(first);
    return failure;
  }

  private TopicSignal turn() {
    lock.lock();
    try {
      return turn;
    } finally {
      lock.unlock();
    }
  }

  /** Has the next receive begin with another topic, also where this one has looked at all. */
  private void beginBehind(TopicSignal first) {
    lock.lock();
    try {
      if (first != null && first.ready && turn == first) {
        turn = first.next;
      }
    } finally {
      lock.unlock();
    }
  }

  private List<TopicSignal> ring() {
    List<TopicSignal> ring = new ArrayList<>();
    lock.lock();
    try {
      TopicSignal signal = turn;
      for (int i = 0; i < size; i++) {
        ring.add(signal);
        signal = signal.next;
      }
    } finally {
      lock.unlock();
    }
    return ring;
  }

  private void look(TopicSignal signal, int most, LeaseHolder holder, List<Lease> into) {
    GroupTopic topic = signal == null ? null : signal.topic;
    if (topic == null) {
      return; // the ring has become empty, or the topic has left
    }
    signal.unmark();
    VarHandle.fullFence(); // the end of a log is no volatile
    int before = into.size();
    boolean isEmpty = false;
    try {
      isEmpty = !topic.take(most, holder, into) && into.size() == before;
    } catch (AlreadyClosedException e) {
      if (signal.topic == topic) {
        throw e;
      } // else the topic has left meanwhile
    } finally {
      if (isEmpty) {
        leave(signal);
      } else {
        signal.mark();
      }
    }
  }

  private TopicSignal next() {
    lock.lock();
    try {
      TopicSignal signal = turn;
      if (signal != null) {
        turn = signal.next;
      }
      return signal;
    } finally {
      lock.unlock();
    }
  }

  /** Puts a topic last in the ring; returns false where it is there, or not attached. */
  boolean enter(TopicSignal signal) {
    lock.lock();
    try {
      if (signal.ready || signal.topic == null) {
        return false;
      }
      link(signal);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void leave(TopicSignal signal) {
    lock.lock();
    try {
      unlink(signal);
      if (signal.isMarked() && signal.topic != null) {
        link(signal);
      }
    } finally {
      lock.unlock();
    }
  }

  private void link(TopicSignal signal) {
    if (turn == null) {
      turn = signal;
      signal.next = signal;
      signal.previous = signal;
    } else {
      signal.next = turn;
      signal.previous = turn.previous;
      turn.previous.next = signal;
      turn.previous = signal;
    }
    size++;
    signal.ready = true;
  }

  private void unlink(TopicSignal signal) {
    if (!signal.ready) {
      return;
    }
    if (signal.next == signal) {
      turn = null;
    } else {
      signal.previous.next = signal.next;
      signal.next.previous = signal.previous;
      turn = turn == signal ? signal.next : turn;
    }
    signal.next = null;
    signal.previous = null;
    size--;
    signal.ready = false;
  }
}
