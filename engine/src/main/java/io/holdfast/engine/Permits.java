package io.holdfast.engine;

import io.holdfast.engine.group.Dependent;
import io.holdfast.engine.group.TopicGroups;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the messages of a topic against its maxMessages. Thread-safe.
 *
 * <p>A message takes a permit before it is appended: {@code claimed} counts all that were ever
 * appended or are about to be, and never passes the messages that the slowest group is done with by
 * more than maxMessages. So producers that send at the same time never pass the limit together.
 */
final class Permits {
  private final TopicLog log;
  private final TopicGroups groups;
  private final long most;
  private final ReentrantLock counting = new ReentrantLock(); // held for moments
  private final AtomicLong claimed; // by senders: one past the last message that has a permit
  private volatile long allowed; // written under counting, read by senders: may be too low

  Permits(TopicLog log, TopicGroups groups, long most) {
    this.log = log;
    this.groups = groups;
    this.most = most;
    this.claimed = new AtomicLong(log.endOffset());
  }

  boolean areUnlimited() {
    return most == TopicConfig.UNLIMITED;
  }

  long most() {
    return most;
  }

  /**
   * Takes permits.
   *
   * @param least that are needed
   * @param wanted as many or more
   * @param reserve that the limit may be passed by
   * @return how many were taken; 0 where there are not as many as needed
   */
  long take(long least, long wanted, long reserve) {
    if (areUnlimited()) {
      return wanted;
    }
    while (true) {
      long before = claimed.get();
      long free = allowed + reserve - before;
      if (free < wanted) {
        free = recount() + reserve - before;
      }
      long taken = Math.min(wanted, free);
      if (taken < least) {
        return 0;
      }
      if (claimed.compareAndSet(before, before + taken)) {
        return taken;
      }
    }
  }

  /** Counts messages that need no permit. */
  void pass(long messages) {
    if (!areUnlimited()) {
      claimed.addAndGet(messages);
    }
  }

  /** Takes permits back whose messages were not appended. */
  void giveBack(long permits) {
    pass(-permits);
  }

  /** What the slowest group is done with, and maxMessages more. */
  long recount() {
    if (areUnlimited()) {
      return most;
    }
    counting.lock(); // else an older count might replace a newer one
    try {
      long least = Long.MAX_VALUE;
      for (Dependent group : groups.all()) {
        least = Math.min(least, group.doneCount());
      }
      long floor = least == Long.MAX_VALUE ? log.firstOffset() : least;
      allowed = floor + Math.min(most, Long.MAX_VALUE / 2);
      return allowed;
    } finally {
      counting.unlock();
    }
  }

  /** One past the last message that was appended or is about to be. */
  long claimed() {
    return claimed.get();
  }

  /** How many messages of the limit are used, appended or not. */
  long used() {
    return most - (recount() - claimed.get());
  }

  /** How many messages too many a group would have with some more. */
  long over(Dependent group, long messages) {
    return claimed.get() + messages - most - group.doneCount();
  }
}
