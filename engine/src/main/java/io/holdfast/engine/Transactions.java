package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.LeaseLostException;
import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.engine.error.TransactionHeldException;
import io.holdfast.engine.group.Commits;
import io.holdfast.engine.group.CommittedAcks;
import io.holdfast.engine.group.GroupTopic;
import io.holdfast.engine.group.Lease;
import io.holdfast.engine.transaction.TransactionAppend;
import io.holdfast.engine.transaction.TransactionJournal;
import io.holdfast.engine.transaction.TransactionRecord;
import io.holdfast.engine.transaction.TransactionRecovery;
import io.holdfast.engine.transaction.TransactionStep;
import io.holdfast.engine.transaction.TransactionThread;
import io.holdfast.engine.transaction.Unmarked;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.RollTimeoutException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Commits transactions; the steps and what a crash means at each stand in docs/architecture.md,
 * "Transactions". Thread-safe.
 */
final class Transactions implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Transactions.class.getName());
  private static final int COUNT_BITS = 40;

  private final Engine engine;
  private final Store store;
  private final int maxBytes;
  private final TransactionJournal journal;
  private final CommittedAcks committed = new CommittedAcks();
  private final TransactionRecovery recovery;
  private final TransactionThread thread;
  private final AtomicLong count = new AtomicLong(); // of this opening

  // Commits share it from their first change to their last; it is taken before the locks of groups,
  // and never while one waits for room.
  private final ReentrantReadWriteLock committing = new ReentrantReadWriteLock();
  private volatile Consumer<TransactionStep> steps = step -> {}; // set by tests
  private volatile boolean closed; // written with all of committing

  Transactions(Engine engine, Store store, int maxBytes) {
    this.engine = engine;
    this.store = store;
    this.maxBytes = maxBytes;
    this.journal = new TransactionJournal(store, maxBytes);
    this.recovery = new TransactionRecovery(store, journal, committed);
    this.thread = new TransactionThread(journal, this::retryHeld);
  }

  CommittedAcks committed() {
    return committed;
  }

  /** Finds what was committed and perhaps not applied, before the groups are opened. */
  void readAcks() {
    recovery.readAcks();
  }

  /** Applies it, when all groups are open. */
  void apply(boolean areGroupsWhole) {
    recovery.apply(
        areGroupsWhole,
        (topic, appended) -> {
          TopicGate gate = engine.runtime(topic).gate();
          if (gate != null) {
            gate.appended(appended);
          }
        });
  }

  /** An id is given once: a record that a power cut took away may have left messages. */
  Transaction begin() {
    long id = (long) store.writerEpoch() << COUNT_BITS | count.incrementAndGet();
    return new Transaction(engine, this, id, maxBytes);
  }

  /** Whether records of a topic may go, as far as transactions are concerned. */
  boolean mayDrop(TopicLog topic, long to) {
    return journal.mayDrop(topic, to);
  }

  /**
   * Does work that forgets acks or messages, when no commit is under way and a mark has passed all
   * that is applied: so no opening does a part of them again.
   */
  <T> T whileNone(Supplier<T> work) {
    committing.writeLock().lock();
    try {
      journal.mark();
      return work.get();
    } finally {
      committing.writeLock().unlock();
    }
  }

  /** As above; what is held of a group's acks would be done by another one of its name. */
  <T> T whileNone(String group, Supplier<T> work) {
    committing.writeLock().lock();
    try {
      journal.forget(group);
      journal.mark();
      return work.get();
    } finally {
      committing.writeLock().unlock();
    }
  }

  /** Has somebody told of each step of a commit, for tests. */
  void tell(Consumer<TransactionStep> told) {
    steps = told;
  }

  /** Does what the thread does, for tests. */
  void tick() {
    thread.tick();
  }

  TransactionReceipt commit(Transaction transaction) {
    List<Destination> destinations = Destination.of(engine, transaction.sent());
    boolean isWritten = false;
    try {
      destinations.forEach(Destination::admit);
      committing.readLock().lock();
      try {
        checkOpen();
        destinations.forEach(Destination::checkOpen);
        Map<GroupTopic, List<Lease>> acked = transaction.acked();
        prepare(transaction, acked);
        Unmarked record = write(transaction, destinations, acked);
        isWritten = true;
        return finish(transaction, record, destinations, acked);
      } finally {
        committing.readLock().unlock();
      }
    } finally {
      if (!isWritten) {
        destinations.forEach(Destination::giveUp);
      }
    }
  }

  /** All of them or none. */
  private void prepare(
      Transaction transaction, Map<GroupTopic, List<Lease>> acked) {
    List<GroupTopic> prepared = new ArrayList<>();
    try {
      for (Map.Entry<GroupTopic, List<Lease>> each : acked.entrySet()) {
        Lease lost = each.getKey().commits().prepare(each.getValue());
        if (lost != null) {
          throw new LeaseLostException(
              transaction + ": " + each.getKey() + " has offset " + lost.offset()
                  + " no more: its lease has run out, or it was settled, or the group has moved;"
                  + " nothing was done. Roll back, and do the work again when it comes again");
        }
        prepared.add(each.getKey());
        steps.accept(TransactionStep.PREPARED);
      }
    } catch (RuntimeException | Error e) {
      rollBack(prepared, acked);
      throw e;
    }
  }

  private static void rollBack(
      List<GroupTopic> prepared, Map<GroupTopic, List<Lease>> acked) {
    for (GroupTopic each : prepared) {
      try {
        each.commits().rollBack(acked.get(each));
      } catch (HoldfastException e) { // its group is gone; the others are not
        LOG.log(Level.DEBUG, "what " + each + " had is not given back", e);
      }
    }
  }

  private Unmarked write(
      Transaction transaction,
      List<Destination> destinations,
      Map<GroupTopic, List<Lease>> acked) {
    try {
      List<TransactionRecord.Target> targets = new ArrayList<>();
      Map<TopicLog, Long> froms = new HashMap<>();
      for (Destination destination : destinations) {
        TransactionRecord.Target target = destination.target();
        targets.add(target);
        froms.put(destination.log(), target.from());
      }
      List<TransactionRecord.Acks> acks = new ArrayList<>();
      acked.forEach(
          (each, leases) ->
              acks.add(
                  new TransactionRecord.Acks(
                      each.group(),
                      each.log().number(),
                      leases.stream().mapToLong(Lease::offset).toArray())));
      List<Commits> groups = acked.keySet().stream().map(GroupTopic::commits).toList();
      return journal.begin(
          new TransactionRecord(transaction.id(), targets, acks), froms, groups);
    } catch (RuntimeException | Error e) {
      rollBack(List.copyOf(acked.keySet()), acked);
      throw e;
    }
  }

  /** The record is written. What fails unexpectedly from here on is made good by an opening. */
  private TransactionReceipt finish(
      Transaction transaction,
      Unmarked record,
      List<Destination> destinations,
      Map<GroupTopic, List<Lease>> acked) {
    try {
      steps.accept(TransactionStep.WRITTEN);
      force(transaction, record, destinations, acked);
      transaction.end("is committed");
      return apply(transaction, record, destinations, acked);
    } catch (SendOutcomeUnknownException | TransactionHeldException e) {
      throw e;
    } catch (RuntimeException e) {
      store.poison(e);
      throw new SendOutcomeUnknownException(
          transaction + " was written and could not be applied: after the next open all of it is"
              + " done, or nothing. Cause: " + e.getMessage(),
          e);
    } catch (Error e) {
      store.poison(e);
      throw e;
    }
  }

  /** Once, where a topic of it promises that; the outcome is unknown where it fails. */
  private void force(
      Transaction transaction,
      Unmarked record,
      List<Destination> destinations,
      Map<GroupTopic, List<Lease>> acked) {
    boolean forces =
        destinations.stream().anyMatch(each -> forces(each.log()))
            || acked.keySet().stream().anyMatch(each -> forces(each.log()));
    if (!forces) {
      return;
    }
    try {
      journal.force(record);
      steps.accept(TransactionStep.FORCED);
    } catch (HoldfastException e) {
      transaction.end("could not be forced, and the next opening knows what became of it");
      throw new SendOutcomeUnknownException(
          transaction + " was written and could not be made durable: after the next open all of it"
              + " is done, or nothing. Cause: " + e.getMessage(),
          e);
    }
  }

  private static boolean forces(TopicLog log) {
    return log.settings().durability().forcesBeforeConfirming();
  }

  private TransactionReceipt apply(
      Transaction transaction,
      Unmarked record,
      List<Destination> destinations,
      Map<GroupTopic, List<Lease>> acked) {
    Receipt[] receipts = new Receipt[transaction.sent().size()];
    HoldfastException failure = null;
    List<TransactionRecord.Target> left = new ArrayList<>();
    for (Destination destination : destinations) {
      try {
        destination.append(receipts);
        steps.accept(TransactionStep.APPENDED);
      } catch (DiskFullException | RollTimeoutException e) {
        failure = e;
        left.add(destination.left());
      }
    }
    for (GroupTopic each : acked.keySet()) {
      each.commits().finish(acked.get(each));
      steps.accept(TransactionStep.ACKED);
    }
    TransactionRecord rest = new TransactionRecord(transaction.id(), left, List.of());
    journal.end(record, rest);
    thread.committed(
        destinations.stream().map(Destination::log).filter(Transactions::forces).toList());
    if (failure != null) {
      throw new TransactionHeldException(
          transaction + " is committed, but not all of its messages are in their topics: "
              + failure.getMessage() + "; the engine tries again each second, and the next opening"
              + " does",
          failure);
    }
    return new TransactionReceipt(transaction.id(), List.of(receipts));
  }

  /** Tries again what could not be appended. */
  private void retryHeld() {
    for (Unmarked held : journal.held()) {
      committing.readLock().lock(); // no topic goes meanwhile
      try {
        journal.whileUnmoved(() -> retry(held));
      } finally {
        committing.readLock().unlock();
      }
    }
  }

  private void retry(Unmarked held) {
    TransactionRecord left = journal.left(held);
    if (left == null || closed) {
      return;
    }
    List<TransactionRecord.Target> targets = new ArrayList<>();
    List<TopicLog> touched = new ArrayList<>();
    for (TransactionRecord.Target target : left.targets()) {
      TopicLog log = held.topic(target.topic());
      int[] done = {0};
      try {
        if (log != null && !isDeleted(log)) {
          touched.add(log);
          TransactionAppend.append(log, target.entries(), (batch, from) -> done[0] += batch.size());
        }
      } catch (DiskFullException | RollTimeoutException e) {
        LOG.log(Level.DEBUG, "messages of a transaction are still held", e);
      }
      boolean isOver = log != null && (done[0] == target.entries().size() || isDeleted(log));
      if (!isOver) {
        List<TransactionRecord.Entry> rest =
            target.entries().subList(done[0], target.entries().size());
        targets.add(new TransactionRecord.Target(target.topic(), target.from(), rest));
      }
    }
    journal.end(held, new TransactionRecord(left.id(), targets, left.acks()));
    thread.committed(touched);
  }

  private boolean isDeleted(TopicLog log) {
    return store.topic(log.name()).orElse(null) != log;
  }

  private void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException(engine + " is closed; nothing was done");
    }
  }

  /** Waits for commits that are under way, and has the mark pass what is applied. */
  @Override
  public void close() {
    committing.writeLock().lock();
    try {
      closed = true;
    } finally {
      committing.writeLock().unlock();
    }
    thread.close();
    try {
      journal.mark();
    } catch (DiskFullException | RollTimeoutException e) {
      LOG.log(Level.DEBUG, "the next opening finds what no mark has passed", e);
    }
  }
}
