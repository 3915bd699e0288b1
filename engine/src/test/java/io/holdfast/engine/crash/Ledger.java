package io.holdfast.engine.crash;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * All that an engine has promised, and all that it may have done beyond: kept outside of it by the
 * script, which notes what is possible before each call and what is certain after it. Thread-safe
 * through {@link #noting} and {@link #copy}.
 */
final class Ledger {
  final Map<String, TopicLedger> topics = new LinkedHashMap<>();
  final Map<String, GroupLedger> groups = new LinkedHashMap<>();
  Pending pending; // or null; guarded by the lock
  private final ReentrantLock lock = new ReentrantLock();

  /** Changes or reads something while nobody copies. */
  <T> T noting(Supplier<T> change) {
    lock.lock();
    try {
      return change.get();
    } finally {
      lock.unlock();
    }
  }

  /** Changes something while nobody copies. */
  void note(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  /** Whatever expires up to a time may become a dead letter from now on. The lock is held. */
  void expire(long now) {
    for (GroupLedger group : groups.values()) {
      group.states.forEach((topic, state) -> topics.get(topic).expire(state, now));
    }
  }

  /** Where a topic may begin: what comes behind is kept for a group, for certain. */
  long mayBegin(TopicLedger topic) {
    if (topic.keeping == TopicLedger.Keeping.FOREVER) {
      return Math.max(topic.begins, topic.mayBegin);
    }
    if (topic.keeping == TopicLedger.Keeping.BOUNDED) {
      return topic.planned();
    }
    long least = Long.MAX_VALUE; // of those that are there for certain
    long most = topic.begins; // nobody's message goes
    for (GroupLedger group : groups.values()) {
      GroupLedger.State state = group.states.get(topic.name);
      if (state != null) {
        long done = state.mayBeDoneTo(topic);
        least = state.attached ? Math.min(least, done) : least;
        most = Math.max(most, done);
      }
    }
    return Math.max(topic.begins, Math.min(least, most));
  }

  /** How everything stands now. */
  Ledger copy() {
    return noting(
        () -> {
          Ledger copy = new Ledger();
          topics.forEach((name, topic) -> copy.topics.put(name, topic.copy()));
          groups.forEach((name, group) -> copy.groups.put(name, group.copy()));
          copy.pending = pending;
          return copy;
        });
  }

  /**
   * What a crash must leave, and may.
   *
   * @param before how everything stood before the moment: what is certain
   * @param after how it stood after it: what is possible
   * @param killed whether nothing was lost but the process; else the power was cut
   */
  static Ledger left(Ledger before, Ledger after, boolean killed) {
    Ledger left = new Ledger();
    left.pending = before.pending == null ? after.pending : before.pending;
    after.topics.forEach(
        (name, topic) -> {
          TopicLedger known = before.topics.get(name);
          TopicLedger one = topic.copy();
          one.exists = known != null && known.exists;
          one.begins = known == null ? topic.base : known.begins;
          one.durable = known == null ? topic.base : known.durable;
          one.end = known == null ? topic.base : killed ? known.end : known.durable;
          one.committed = known == null ? topic.base : known.committed;
          one.end = Math.max(one.end, one.committed);
          left.topics.put(name, one);
        });
    after.groups.forEach(
        (name, group) -> left.groups.put(name, left(before, after, group, killed)));
    return left;
  }

  private static GroupLedger left(
      Ledger before, Ledger after, GroupLedger group, boolean killed) {
    GroupLedger known = before.groups.get(group.name);
    GroupLedger left = group.copy();
    left.exists = known != null && known.exists;
    left.states.forEach(
        (topic, state) -> {
          GroupLedger.State was = known == null ? null : known.states.get(topic);
          state.attached = was != null && was.attached;
          boolean forced = after.topics.get(topic).forces();
          for (int i = 0; i < state.claims.size(); i++) {
            Claim certain = was == null ? new Claim() : was.claim(state.base + i).copy();
            Claim claim = Claim.between(certain, state.claims.get(i));
            if (!killed) {
              claim.forget(forced);
            }
            claim.died(group.config.maxAttempts());
            state.claims.set(i, claim);
          }
        });
    return left;
  }

  /** One number of all that is promised: states of the same files may have different ones. */
  long digest() {
    long digest = pending == null ? 1 : pending.hashCode();
    for (TopicLedger topic : topics.values()) {
      digest = digest * 31 + topic.digest();
    }
    for (GroupLedger group : groups.values()) {
      digest = digest * 37 + group.digest();
    }
    return digest;
  }
}
