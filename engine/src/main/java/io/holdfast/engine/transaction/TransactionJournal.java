package io.holdfast.engine.transaction;

import io.holdfast.engine.group.Commits;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.TopicDeletedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The log of transactions, and what is known of those that no mark has passed. Thread-safe.
 *
 * <p>Invariant: a mark passes a transaction only when all that it did is on the device, or what is
 * left of it stands in a record behind the mark.
 */
public final class TransactionJournal {
  private final TransactionLog log; // guarded by lock, but for what it says
  private final ReentrantLock marking = new ReentrantLock(); // over forces; taken before lock
  private final ReentrantLock lock = new ReentrantLock(); // over an append, else for moments
  private final TreeMap<Long, Unmarked> unmarked = new TreeMap<>(); // guarded by lock
  private long bytes; // of the records of those; guarded by lock
  private volatile boolean isUsed; // set with the first record, read by drops

  /**
   * Makes the journal of a store.
   *
   * @param store that is open
   * @param maxBytes most bytes of a transaction
   */
  public TransactionJournal(Store store, int maxBytes) {
    this.log = new TransactionLog(store, maxBytes);
  }

  TransactionLog log() {
    return log;
  }

  /**
   * Writes the record of a transaction; nothing of it may be applied before.
   *
   * @param record what it does
   * @param targets its topics, with the offsets that the record has for them
   * @param groups where it acks
   * @return to be ended by {@link #complete} or {@link #hold}
   * @throws io.holdfast.storage.error.HoldfastException when it was not written
   */
  public Unmarked begin(
      TransactionRecord record, Map<TopicLog, Long> targets, List<Commits> groups) {
    byte[] payload = record.encode();
    lock.lock(); // a mark must not pass a record that nobody knows yet
    try {
      log.make();
      isUsed = true; // before the record: a drop that does not see it came before the messages
      return add(payload, log.append(payload, false), targets, groups);
    } finally {
      lock.unlock();
    }
  }

  private Unmarked add(
      byte[] payload, long offset, Map<TopicLog, Long> targets, List<Commits> groups) {
    Unmarked added = new Unmarked(offset, payload.length, targets, groups);
    unmarked.put(offset, added);
    bytes += payload.length;
    return added;
  }

  /**
   * Returns once a record is on the device.
   *
   * @param one whose record it is
   */
  public void force(Unmarked one) {
    log.force(one.offset() + 1);
  }

  /**
   * All of a transaction is applied.
   *
   * @param one that was begun
   */
  public void complete(Unmarked one) {
    lock.lock();
    try {
      one.complete();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A part of a transaction could not be applied and is tried again.
   *
   * @param one that was begun
   * @param left what is left of it
   */
  public void hold(Unmarked one, TransactionRecord left) {
    lock.lock();
    try {
      one.hold(left);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is held.
   *
   * @return in the order of the transactions
   */
  public List<Unmarked> held() {
    if (!isUsed) {
      return List.of();
    }
    lock.lock();
    try {
      return unmarked.values().stream().filter(one -> one.held() != null).toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is left of one that is held.
   *
   * @param one that was held
   * @return null where nothing is
   */
  public TransactionRecord left(Unmarked one) {
    lock.lock();
    try {
      return one.held();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Forgets acks that are held of a group that is about to be deleted; on the device once a mark
   * has passed their records.
   *
   * @param group its name
   */
  public void forget(String group) {
    marking.lock();
    try {
      for (Unmarked one : held()) {
        lock.lock();
        try {
          TransactionRecord left = one.held();
          List<TransactionRecord.Acks> acks =
              left.acks().stream().filter(each -> !each.group().equals(group)).toList();
          if (acks.size() < left.acks().size()) {
            move(one, new TransactionRecord(left.id(), left.targets(), acks));
          }
        } finally {
          lock.unlock();
        }
      }
    } finally {
      marking.unlock();
    }
  }

  /**
   * Says what is left of one that is held, perhaps nothing.
   *
   * @param one that was held
   * @param left what is left of it
   */
  public void end(Unmarked one, TransactionRecord left) {
    if (left.isEmpty()) {
      complete(one);
    } else {
      hold(one, left);
    }
  }

  /**
   * How much no mark has passed.
   *
   * @return transactions
   */
  public int size() {
    lock.lock();
    try {
      return unmarked.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * How much no mark has passed.
   *
   * @return bytes of the records
   */
  public long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the mark pass all that is applied: forces what it did, writes the mark and forces that,
   * drops what is below. Waits for the device.
   */
  public void mark() {
    if (!isUsed) {
      return;
    }
    marking.lock();
    try {
      long before;
      List<Unmarked> passed;
      lock.lock();
      try {
        moveHeld();
        before = firstOf(one -> !one.isComplete(), log.end());
        passed = new ArrayList<>(unmarked.headMap(before).values());
      } finally {
        lock.unlock();
      }
      if (!passed.isEmpty()) {
        forceAll(passed);
        passTo(before);
      }
    } finally {
      marking.unlock();
    }
  }

  /** What is held must not keep the mark from passing what is applied. */
  private void moveHeld() {
    long first = firstOf(one -> one.held() != null, Long.MAX_VALUE);
    boolean isInTheWay =
        first < Long.MAX_VALUE
            && unmarked.tailMap(first).values().stream().anyMatch(Unmarked::isComplete);
    if (isInTheWay) {
      held().forEach(one -> move(one, one.held()));
    }
  }

  /** One by one: where the next one cannot be written, none is held twice. */
  private void move(Unmarked one, TransactionRecord left) {
    if (!left.isEmpty()) {
      restate(left, one.targets(), one.groups());
    }
    one.complete(); // its record is not needed any more
  }

  /**
   * Does work on what is held while none of it is written again.
   *
   * @param work may have the mark follow
   */
  public void whileUnmoved(Runnable work) {
    marking.lock();
    try {
      work.run();
    } finally {
      marking.unlock();
    }
  }

  /** Writes what is left of a transaction; it is held from then on. */
  Unmarked restate(
      TransactionRecord left, Map<TopicLog, Long> targets, List<Commits> groups) {
    lock.lock();
    try {
      isUsed = true;
      byte[] payload = left.encode();
      Unmarked again = add(payload, log.append(payload, true), targets, groups);
      again.hold(left);
      return again;
    } finally {
      lock.unlock();
    }
  }

  private long firstOf(Predicate<Unmarked> meant, long none) {
    return unmarked.values().stream()
        .filter(meant)
        .mapToLong(Unmarked::offset)
        .findFirst()
        .orElse(none);
  }

  private static void forceAll(List<Unmarked> passed) {
    Set<TopicLog> topics = new HashSet<>();
    Set<Commits> groups = new HashSet<>();
    passed.forEach(one -> topics.addAll(one.targets().keySet()));
    passed.forEach(one -> groups.addAll(one.groups()));
    List<CompletableFuture<Void>> bits = groups.stream().map(Commits::forceBits).toList();
    topics.forEach(TransactionJournal::force);
    bits.forEach(Commits::await);
  }

  /** Forces a topic that may have been deleted. */
  static void force(TopicLog topic) {
    try {
      topic.force(topic.endOffset());
    } catch (TopicDeletedException e) {
      return; // nobody looks for its messages again
    }
  }

  /** Writes a mark; when this returns the device has it. What it passes is on the device. */
  void passTo(long before) {
    long end;
    lock.lock();
    try {
      log.append(TransactionRecord.mark(before), true);
      end = log.end();
    } finally {
      lock.unlock();
    }
    log.force(end);
    lock.lock();
    try {
      Collection<Unmarked> passed = unmarked.headMap(before).values();
      passed.forEach(one -> bytes -= one.bytes());
      passed.clear();
    } finally {
      lock.unlock();
    }
    log.dropBefore(before);
  }

  /**
   * Whether messages of a topic may be dropped: an opening must not look for one of them, and
   * append it again. Waits for the device where a mark has to pass them first.
   *
   * @param topic whose messages
   * @param to offset below which they are
   * @return false while a transaction is under way, or held, that may have one there
   */
  public boolean mayDrop(TopicLog topic, long to) {
    if (!isUsed || !isBelow(topic, to)) {
      return true;
    }
    mark();
    return !isBelow(topic, to);
  }

  private boolean isBelow(TopicLog topic, long to) {
    lock.lock();
    try {
      return unmarked.values().stream()
          .anyMatch(one -> one.targets().getOrDefault(topic, Long.MAX_VALUE) < to);
    } finally {
      lock.unlock();
    }
  }
}
