package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.GroupStats;
import io.holdfast.engine.Settled;
import io.holdfast.engine.delay.DelayCursor;
import io.holdfast.engine.delay.DelayIndex;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

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
  private final ReentrantLock lock;
  private final Prefetch prefetch;
  private final Dispatch dispatch;
  private final Settlement settlement;
  private final PoisonedKeys poisoned; // null where the rest of a key goes on
  private final DeadLetters letters;
  private final ExpirySweep sweep;
  private final GroupFigures figures;
  private final DelayCursor cursor;
  private final Expiry expiry;
  private final Position position;
  private final Dependent dependent;
  private final Commits commits;
  private boolean limited; // the last dispatch met a limit; guarded by lock
  private boolean closed; // guarded by lock

  private GroupTopic(
      GroupContext context,
      TopicLog log,
      DelayIndex delays,
      TopicState state,
      ReentrantLock lock,
      PoisonedKeys poisoned) {
    this.context = context;
    this.log = log;
    this.state = state;
    this.lock = lock;
    this.poisoned = poisoned;
    this.letters = new DeadLetters(context, log, state, lock, poisoned);
    state.countDead(letters);
    this.figures = new GroupFigures(log, state, letters);
    long seed = context.seed() ^ (long) log.number() << 32 ^ context.group().hashCode();
    this.settlement = new Settlement(context.config(), state, letters, context.suspects(), seed);
    Cancelled onCancel = new Cancelled(this, context.signal(), lock, state);
    this.cursor = delays.attach(context.signal(), onCancel);
    state.follow(cursor);
    this.expiry = new Expiry(context, state, settlement);
    Position.Guard guard = new Position.Guard(lock, this::checkOpen, this::moved);
    this.position = new Position(log, state, expiry, letters, guard);
    this.prefetch = new Prefetch(log, state, context.readAhead(), lock);
    MessageExpiry messages = new MessageExpiry(context, log, state, settlement);
    this.sweep = new ExpirySweep(context, log, state, cursor, messages);
    this.dependent = Dependent.of(this, state, lock, sweep);
    this.commits = new Commits(this, context, state, settlement, lock);
    this.dispatch =
        new Dispatch(
            this, context, log, state, prefetch, cursor, settlement, messages, poisoned);
  }

  /**
   * Opens the state of a group on a topic, or makes it.
   *
   * @param context of the group
   * @param log the topic
   * @param delays its messages that are not due
   * @param directory of the state
   * @param groups of the topic, which this one comes to
   * @param start where it begins if it is made
   * @return to be closed before the store
   * @throws io.holdfast.engine.error.DamagedGroupException when a file of it is damaged
   */
  public static GroupTopic open(
      GroupContext context,
      TopicLog log,
      DelayIndex delays,
      Path directory,
      TopicGroups groups,
      ToLongFunction<TopicLog> start) {
    StateFiles files = new StateFiles(context, directory, log.number());
    KeyOrder order = new KeyOrder(context.config().ordering(), context.config().loadSharing());
    StateRecovery recovery = new StateRecovery(files, order, log, groups.start(start), context);
    TopicState state = recovery.open();
    ReentrantLock lock = new ReentrantLock();
    GroupTopic groupTopic = null;
    try {
      PoisonedKeys poisoned = PoisonedKeys.of(context, directory);
      groupTopic = new GroupTopic(context, log, delays, state, lock, poisoned);
      groupTopic.letters.recover(recovery.dying());
      BriefLock.run(lock, () -> state.passCancelled(log.visibleEnd()));
    } catch (RuntimeException | Error e) {
      if (groupTopic != null) {
        groupTopic.letters.stop();
        groupTopic.cursor.close();
      }
      BriefLock.run(lock, state::close); // whom the index has called may be in it
      throw e;
    }
    groups.add(groupTopic.dependent);
    log.addSignal(context.signal());
    context.timer().add(groupTopic);
    groupTopic.sweep.begin(context.clock().time());
    Runnable after = groupTopic::afterEvent;
    context.suspects().opened(new FoundRunning(state, groupTopic.settlement, lock, after));
    return groupTopic;
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
   * Has another configuration hold from now on, of the same kind of order.
   *
   * @param config is stored by then
   */
  public void configure(GroupConfig config) {
    lock.lock();
    try {
      settlement.configure(config);
      expiry.configure(config);
      dispatch.configure(config);
      state.order.configure(config.ordering());
      context.signal().raise(); // a limit may be higher now
    } finally {
      afterEvent();
    }
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

  /**
   * Hands out messages that are available now.
   *
   * @param max most messages
   * @param holder who gets the leases
   * @param into where they are added
   * @return whether there are some that only another consumer may have
   * @throws io.holdfast.storage.error.DiskFullException when there is no room for the state of
   *     more; they stay available
   */
  public boolean take(int max, LeaseHolder holder, List<Lease> into) {
    prefetch.fill(); // not under the lock: that is what it is for
    BriefLock.enter(lock);
    try {
      checkOpen();
      long now = context.clock().time();
      expiry.expire(now, limited);
      boolean wasLimited = limited;
      try {
        dispatch.take(max, now, holder, into);
      } finally {
        limited = dispatch.isAtLimit();
        sweep.moved(now);
        boolean hasMoved = state.order.hasMoved();
        if (hasMoved || wasLimited && !limited || sweep.isStepOver()) {
          context.signal().raise(); // there is something for another consumer now
        }
      }
      return state.order.isAnyReady() || state.waiting.isSuspectDue(now); // keeps its turn
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
    BriefLock.enter(lock);
    try {
      checkOpen();
      return ack(lease, context.clock().time());
    } finally {
      lock.unlock(); // an ack brings no deadline nearer, and nothing to the dead letters
    }
  }

  /**
   * The work on several messages is done.
   *
   * @param leases of this group and topic
   * @param from first that is meant
   * @param to one past the last
   * @return how many acks took effect
   */
  public int ackAll(List<Lease> leases, int from, int to) {
    BriefLock.enter(lock);
    try {
      checkOpen();
      long now = context.clock().time();
      int done = 0;
      for (int i = from; i < to; i++) {
        done += ackOne(leases.get(i), now);
      }
      return done;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The work on everything is done that the holder of a lease has of this topic, up to its message.
   *
   * @param last the lease of the last one
   * @return how many acks took effect
   */
  public int ackUpTo(Lease last) {
    BriefLock.enter(lock);
    try {
      checkOpen();
      long now = context.clock().time();
      int done = ackOne(last, now); // which may have run out
      Predicate<Lease> upTo =
          lease -> lease.holder() == last.holder() && lease.offset() <= last.offset();
      for (Lease lease : state.leases.that(upTo)) {
        done += ackOne(lease, now);
      }
      return done;
    } finally {
      lock.unlock();
    }
  }

  private int ackOne(Lease lease, long now) {
    return ack(lease, now) == Settled.DONE ? 1 : 0;
  }

  private Settled ack(Lease lease, long now) {
    return answered(lease, settlement.ack(lease), now);
  }

  /**
   * Finds what a consumer has out; takes time in proportion to what is out.
   *
   * @param holder the consumer
   * @param wanted which of its leases is meant
   * @return null where it does not have it
   */
  public Lease held(LeaseHolder holder, Predicate<Lease> wanted) {
    lock.lock();
    try {
      checkOpen();
      Predicate<Lease> isMeant = lease -> lease.holder() == holder && wanted.test(lease);
      return state.leases.that(isMeant).stream().findFirst().orElse(null);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether the holder of a lease has settled it.
   *
   * @param lease of a message
   * @return true once a call was answered DONE
   */
  public boolean isSettled(Lease lease) {
    lock.lock();
    try {
      return lease.isSettled();
    } finally {
      lock.unlock();
    }
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
    return settle(lease, now -> settlement.nack(lease, failure, delayMillis, now));
  }

  /**
   * The message is given back untouched.
   *
   * @param lease of the message
   * @param delayMillis until it may be handed out again
   * @return what became of it
   */
  public Settled release(Lease lease, long delayMillis) {
    return settle(lease, now -> settlement.release(lease, delayMillis, now));
  }

  /**
   * No further try makes sense.
   *
   * @param lease of the message
   * @param failure why
   * @param isFatal whether a rule of the group says so, and not the holder
   * @return what became of it
   */
  public Settled reject(Lease lease, Failure failure, boolean isFatal) {
    return settle(lease, now -> settlement.reject(lease, failure, isFatal));
  }

  /**
   * The handler begins: the time that it has counts from now, and not from the delivery.
   *
   * @param lease of the message
   * @return DONE if it may begin
   */
  public Settled begin(Lease lease) {
    return settle(lease, now -> settlement.begin(lease, now));
  }

  /**
   * The work takes longer.
   *
   * @param lease of the message
   * @return what became of it
   */
  public Settled extend(Lease lease) {
    return settle(lease, now -> settlement.extend(lease, now));
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
   * Where the group is.
   *
   * @return what moves it
   */
  public Position position() {
    return position;
  }

  /**
   * The acks of transactions.
   *
   * @return what prepares and ends them
   */
  public Commits commits() {
    return commits;
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
      if (settlement.abandon(lease -> lease.holder() == holder, context.clock().time())) {
        context.signal().raise();
      }
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
      expiry.expire(now, limited);
      sweep.tick(now);
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
      return figures.at(context.clock().time());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives back what is out, writes the head and unmaps the files. Holders of deliveries are told
   * that the group is closed. A second call does nothing.
   */
  @Override
  public void close() {
    log.removeSignal(context.signal());
    context.timer().remove(this);
    letters.stop();
    cursor.close();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      // A receive may have come in behind the close of its consumer: nobody is blamed for that.
      settlement.abandon(lease -> true, context.clock().time());
      closed = true;
      dependent.close();
      try {
        prefetch.close();
        dispatch.close();
        sweep.close();
        state.writeHead();
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

  private Settled settle(Lease lease, LongFunction<Settled> event) {
    lock.lock();
    try {
      checkOpen();
      long now = context.clock().time();
      return answered(lease, event.apply(now), now);
    } finally {
      afterEvent();
    }
  }

  private Settled answered(Lease lease, Settled answer, long now) {
    if (answer == Settled.DONE) {
      settled(lease, now);
    }
    return answer;
  }

  /** Tells whoever waits when there may be something for it now, and renews the batch. */
  void settled(Lease lease, long now) {
    LeaseBatch batch = lease.batch();
    if (batch != null) {
      batch.renew(now);
    }
    boolean hasMoved = state.order.hasMoved();
    if (limited || hasMoved || lease.isSuspect() || state.waiting.isOtherDue(now)) {
      limited = dispatch.isAtLimit();
      context.signal().raise();
    }
  }

  /** Releases the lock and does what must not be done under it. */
  void afterEvent() {
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
    List<HandlerRun> overdue = expiry.takeOverdue();
    lock.unlock();
    overdue.forEach(HandlerRun::interrupt);
  }

  /** The group has moved, or could not: there may be dead letters that nobody else writes. */
  private void moved() {
    lock.lock();
    if (!closed) {
      prefetch.clear(state.nextOffset());
    }
    context.signal().raise();
    sweep.begin(context.clock().time());
    afterEvent();
  }

  private long nextDeadline(long now) {
    // What is due already waits for a consumer, not for the timer.
    long next = state.waiting.nextDue(now);
    next = Math.min(Math.min(next, expiry.firstDeadline()), letters.retryAt());
    return Math.min(next, sweep.dueAt());
  }

  void checkOpen() {
    if (closed) {
      throw new AlreadyClosedException(
          "group " + context.group() + " on topic " + log.name()
              + " is closed: its engine was, or the topic or group was deleted, or the group has"
              + " left the topic; what was out comes again where both are still there");
    }
  }
}
