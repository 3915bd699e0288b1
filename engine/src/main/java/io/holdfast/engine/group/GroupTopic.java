package io.holdfast.engine.group;

import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.Settled;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * One group on one topic: all events of the table in docs/architecture.md come in here.
 * Thread-safe.
 *
 * <p>Everything runs under one lock. It is there so that a close can never unmap a file under a
 * running ack, and it keeps the lists in memory in step with the slots; which of two events wins is
 * decided by the compare-and-set on the slot's word, lock or not. Outside of it, after each event:
 * dead letters are written and handlers that took too long interrupted.
 */
public final class GroupTopic implements Timed, AutoCloseable {
  private final GroupContext context;
  private final TopicLog log;
  private final TopicState state;
  private final ReentrantLock lock = new ReentrantLock();
  private final Dispatch dispatch;
  private final Settlement settlement;
  private final PoisonedKeys poisoned; // null where the rest of a key goes on
  private final DeadLetters letters;
  private final List<HandlerRun> overdue = new ArrayList<>(); // to interrupt; guarded by lock
  private boolean limited; // the last dispatch met a limit; guarded by lock
  private boolean closed; // guarded by lock

  private GroupTopic(
      GroupContext context, TopicLog log, TopicState state, PoisonedKeys poisoned) {
    this.context = context;
    this.log = log;
    this.state = state;
    this.poisoned = poisoned;
    this.letters = new DeadLetters(context, log, state, lock, poisoned);
    long seed = context.seed() ^ (long) log.number() << 32 ^ context.group().hashCode();
    this.settlement =
        new Settlement(context.config(), state, letters, context.suspects(), seed);
    this.dispatch = new Dispatch(this, context, log, state, settlement, poisoned);
  }

  /**
   * Opens the state of a group on a topic, or makes it.
   *
   * @param context of the group
   * @param log the topic
   * @param directory of the state
   * @return to be closed before the store
   * @throws io.holdfast.engine.error.DamagedGroupException when a file of it is damaged
   */
  public static GroupTopic open(GroupContext context, TopicLog log, Path directory) {
    StateFiles files = new StateFiles(context.store(), directory, log.number());
    KeyOrder order = new KeyOrder(context.config().ordering());
    StateRecovery recovery = new StateRecovery(files, order, log, context.store().writerEpoch());
    TopicState state = recovery.open();
    GroupTopic groupTopic = null;
    try {
      groupTopic = new GroupTopic(context, log, state, poisoned(context, directory));
      groupTopic.letters.recover(recovery.dying());
    } catch (RuntimeException | Error e) {
      if (groupTopic != null) {
        groupTopic.letters.stop();
      }
      state.close();
      throw e;
    }
    log.addSignal(context.signal());
    context.timer().add(groupTopic);
    context.suspects().opened(groupTopic);
    return groupTopic;
  }

  private static PoisonedKeys poisoned(GroupContext context, Path directory) {
    return context.config().ordering().onPoison() == Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY
        ? new PoisonedKeys(context.store(), directory)
        : null;
  }

  /**
   * The keys whose messages go to the dead letters.
   *
   * @return sorted; a copy
   */
  public SortedSet<String> poisonedKeys() {
    return poisoned == null ? new TreeSet<>() : poisoned.all();
  }

  /**
   * Hands out again what comes with a key.
   *
   * @param key that is poisoned
   * @return false where it was not
   */
  public boolean resumeKey(String key) {
    return poisoned != null && poisoned.remove(key);
  }

  /**
   * The topic.
   *
   * @return its log
   */
  public TopicLog log() {
    return log;
  }

  /**
   * The group.
   *
   * @return its name
   */
  public String group() {
    return context.group();
  }

  /** Returns how many messages were out when the last process ended and are not judged yet. */
  int foundRunning() {
    return state.foundRunning.size();
  }

  /** Returns how many of them were suspects. */
  int foundSuspectsRunning() {
    int count = 0;
    for (int i = 0; i < state.foundRunning.size(); i++) {
      count += SlotWord.isSuspect(state.slots.word(state.foundRunning.getInt(i))) ? 1 : 0;
    }
    return count;
  }

  boolean hasSuspectsWaiting() {
    return state.hasSuspects();
  }

  /** Suspects those that were out and were suspects already, or those that were not. */
  void suspectRunning(boolean suspects) {
    judge(suspects, settlement::suspect);
  }

  /** Says that those which were out have killed the process. */
  void blameRunning() {
    judge(true, settlement::blame);
    judge(false, settlement::blame);
  }

  private void judge(boolean suspects, IntConsumer verdict) {
    lock.lock();
    try {
      for (int i = state.foundRunning.size() - 1; i >= 0; i--) {
        int slot = state.foundRunning.getInt(i);
        if (SlotWord.isSuspect(state.slots.word(slot)) == suspects) {
          state.foundRunning.removeAt(i);
          verdict.accept(slot);
        }
      }
    } finally {
      afterEvent();
    }
  }

  /**
   * Hands out messages that are available now.
   *
   * @param max most messages
   * @param holder who gets the leases
   * @param into where they are added
   * @throws io.holdfast.storage.error.DiskFullException when there is no room for the state of
   *     more; they stay available
   */
  public void take(int max, LeaseHolder holder, List<Lease> into) {
    lock.lock();
    try {
      checkOpen();
      long now = context.clock().time();
      expire(now);
      dispatch.take(max, now, holder, into);
      limited = dispatch.isAtLimit();
    } finally {
      afterEvent();
    }
  }

  /**
   * The work is done.
   *
   * @param lease of the message
   * @return DONE also when the lease has run out and nobody else has the message yet
   */
  public Settled ack(Lease lease) {
    return settle(now -> settlement.ack(lease));
  }

  /**
   * The work failed.
   *
   * @param lease of the message
   * @param failure why
   * @param delayMillis until the next try; negative = as the group's backoff says
   * @return what became of it
   */
  public Settled nack(Lease lease, Failure failure, long delayMillis) {
    return settle(now -> settlement.nack(lease, failure, delayMillis, now));
  }

  /**
   * The message is given back untouched.
   *
   * @param lease of the message
   * @param delayMillis until it may be handed out again
   * @return what became of it
   */
  public Settled release(Lease lease, long delayMillis) {
    return settle(now -> settlement.release(lease, delayMillis, now));
  }

  /**
   * No further try makes sense.
   *
   * @param lease of the message
   * @param failure why
   * @return what became of it
   */
  public Settled reject(Lease lease, Failure failure) {
    return settle(now -> settlement.reject(lease, failure, SlotDetails.REJECTED));
  }

  /**
   * The work failed, and a rule of the group calls the error fatal.
   *
   * @param lease of the message
   * @param failure why
   * @return what became of it
   */
  public Settled failFatally(Lease lease, Failure failure) {
    return settle(now -> settlement.reject(lease, failure, SlotDetails.FATAL));
  }

  /**
   * The handler begins: the time that it has counts from now, and not from the delivery.
   *
   * @param lease of the message
   * @return DONE if it may begin
   */
  public Settled begin(Lease lease) {
    return settle(now -> settlement.begin(lease, now));
  }

  /**
   * The work takes longer.
   *
   * @param lease of the message
   * @return what became of it
   */
  public Settled extend(Lease lease) {
    return settle(now -> settlement.extend(lease, now));
  }

  /**
   * Says that nothing of a handler's run is left, after what it did was settled. In order, only now
   * may the message be handed out again, or the next one of its key. Nothing happens after the
   * close.
   *
   * @param lease of the message
   */
  public void handlerReturned(Lease lease) {
    if (!state.order.isOn()) {
      return;
    }
    lock.lock();
    try {
      if (!closed) {
        state.handlerReturned(lease);
        context.signal().raise();
      }
    } finally {
      afterEvent();
    }
  }

  /**
   * Gives back what a consumer holds; counts nothing. Nothing happens after the close.
   *
   * @param holder that is closed
   */
  public void releaseAll(LeaseHolder holder) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      long now = context.clock().time();
      Lease lease = state.leases.first();
      while (lease != null) {
        Lease following = state.leases.after(lease);
        if (lease.holder() == holder) {
          settlement.abandon(lease, now);
        }
        lease = following;
      }
      context.signal().raise();
    } finally {
      afterEvent();
    }
  }

  /**
   * Does what is due by the clock: leases run out, retries become due, dead letters are tried
   * again.
   *
   * @return the next deadline, epoch milliseconds; the end of time where there is none
   */
  @Override
  public long tick() {
    lock.lock();
    try {
      if (closed) {
        return Long.MAX_VALUE;
      }
      long now = context.clock().time();
      expire(now);
      if (state.waiting.firstDue() <= now) {
        context.signal().raise();
      }
      long retryAt = letters.retryAt();
      if (retryAt > now && retryAt != Long.MAX_VALUE) {
        return nextDeadline(now);
      }
    } finally {
      unlockAndInterrupt();
    }
    letters.write();
    lock.lock();
    try {
      return nextDeadline(context.clock().time());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The figures of this moment.
   *
   * @return exact
   */
  public GroupStats stats() {
    lock.lock();
    try {
      checkOpen();
      long mark = state.done.lowWaterMark();
      long end = Math.max(mark, log.visibleEnd());
      return new GroupStats(
          log.name(),
          mark,
          end,
          end - mark - state.done.doneAbove(),
          state.leases.size(),
          state.delayed(),
          state.dying(),
          letters.getAsLong(),
          state.lost());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the head and unmaps the files. What is out then is free again at the next open, as after
   * a death; its holders are told that the group is closed. A second call does nothing.
   */
  @Override
  public void close() {
    log.removeSignal(context.signal());
    context.timer().remove(this);
    letters.stop();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      try {
        dispatch.close();
        state.writeHead(letters.getAsLong());
      } finally {
        state.close();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "group " + context.group() + " on topic " + log.name();
  }

  private Settled settle(Function<Long, Settled> event) {
    lock.lock();
    try {
      checkOpen();
      long now = context.clock().time();
      boolean wasLimited = limited;
      Settled answer = event.apply(now);
      boolean hasMoved = state.order.hasMoved();
      if (answer == Settled.DONE
          && (hasMoved || wasLimited || state.waiting.firstDue() <= now)) {
        limited = dispatch.isAtLimit();
        context.signal().raise();
      }
      return answer;
    } finally {
      afterEvent();
    }
  }

  private void expire(long now) {
    Lease lease = state.leases.first();
    while (lease != null && lease.deadline() <= now) {
      if (settlement.isKeptAlive(lease, now)) {
        settlement.extend(lease, now);
      } else {
        settlement.timeOut(lease, now);
        if (lease.handler() != null) {
          overdue.add(lease.handler());
        }
      }
      if (limited) {
        context.signal().raise(); // somebody may wait for the room that this lease took
      }
      lease = state.leases.first();
    }
  }

  /** Releases the lock and does what must not be done under it. */
  private void afterEvent() {
    boolean areDying = false;
    try {
      if (!closed) {
        areDying = letters.areWaiting();
        context.timer().schedule(nextDeadline(context.clock().time()));
      }
    } finally {
      unlockAndInterrupt();
    }
    if (areDying && letters.retryAt() == Long.MAX_VALUE) {
      letters.write();
    }
  }

  private void unlockAndInterrupt() {
    List<HandlerRun> runs = overdue.isEmpty() ? List.of() : List.copyOf(overdue);
    overdue.clear();
    lock.unlock();
    runs.forEach(HandlerRun::interrupt);
  }

  private long nextDeadline(long now) {
    long due = state.waiting.firstDue();
    // What is due already waits for a consumer, not for the timer.
    long next = due > now ? due : Long.MAX_VALUE;
    return Math.min(Math.min(next, state.leases.firstDeadline()), letters.retryAt());
  }

  private void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException(
          "group " + context.group() + " on topic " + log.name()
              + " is closed with its engine; deliveries that were out come again");
    }
  }
}
