package io.holdfast.engine;

import io.holdfast.engine.EngineEvent.Cause;
import io.holdfast.engine.EngineEvent.MessagesLost;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.group.ClockWatch;
import io.holdfast.engine.group.Dependent;
import io.holdfast.engine.group.Events;
import io.holdfast.engine.group.TopicGroups;
import io.holdfast.storage.SegmentExtent;
import io.holdfast.storage.TopicLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;

/**
 * Drops from one topic what its retention does not keep: whole segments, the oldest first.
 *
 * <p>Order of a drop: what a group still needs is marked done and counted; the device gets each
 * group's head, whose marks are at or beyond what is dropped, and what those messages tell of their
 * producers and ids; the segments go. So a power cut that
 * takes bits with it does not have open count as dropped what was done.
 *
 * <p>Thread-safe. Its lock is held over a drop, and while a group comes to the topic, so that each
 * group is either asked or begins behind what was dropped. Locks of groups are taken under it.
 */
final class TopicKeeper {
  private static final Logger LOG = System.getLogger(TopicKeeper.class.getName());

  /** While the clock is not trusted, or a letter is on its way into the topic. */
  private static final long LATER_MILLIS = 1_000;

  private final TopicLog log;
  private final Retention retention;
  private final TopicGroups groups;
  private final EpochClock clock;
  private final ClockWatch clockWatch;
  private final Events events;
  private final BooleanSupplier isWrittenTo; // copies are on their way into this topic
  private final LongPredicate mayDrop; // below an offset, as far as transactions are concerned
  private final ReentrantLock keeping = new ReentrantLock();
  private volatile boolean gone; // set once, by the retention thread's owner
  private volatile Runnable dropped = () -> {}; // set when the topic is opened
  private volatile LongConsumer before = to -> {}; // the same

  TopicKeeper(
      TopicLog log,
      Retention retention,
      TopicGroups groups,
      EpochClock clock,
      ClockWatch clockWatch,
      Events events,
      BooleanSupplier isWrittenTo,
      LongPredicate mayDrop) {
    this.log = log;
    this.retention = retention;
    this.groups = groups;
    this.clock = clock;
    this.clockWatch = clockWatch;
    this.events = events;
    this.isWrittenTo = isWrittenTo;
    this.mayDrop = mayDrop;
  }

  /** Sets what is run when there is more room. */
  void whenDropped(Runnable work) {
    dropped = work;
  }

  /** Sets what is told of the first offset that stays, before what lies below is dropped. */
  void beforeDrop(LongConsumer work) {
    before = work;
  }

  /** The topic goes: nothing of it is looked at any more. */
  void goes() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  int number() {
    return log.number();
  }

  /** Has a group come to the topic while nothing is dropped. */
  <T> T whileKept(Supplier<T> work) {
    keeping.lock();
    try {
      return work.get();
    } finally {
      keeping.unlock();
    }
  }

  /**
   * Drops what may go.
   *
   * @return when to look again although nobody asks, epoch milliseconds; the end of time where that
   *     is never
   */
  long round() {
    keeping.lock();
    try {
      int looks = 0;
      while (!groups.areUnknown() && !retention.isForever()) {
        List<SegmentExtent> extents = log.files().extents();
        Moment moment = new Moment(extents);
        int keep = moment.firstKept();
        if (keep > 0) {
          if (!drop(extents.subList(0, keep), Cause.RETENTION)) {
            return clock.time() + LATER_MILLIS;
          }
        } else if (awaitMarks(extents) || ++looks > 1) {
          return moment.nextLook();
        }
      }
      return Long.MAX_VALUE;
    } finally {
      keeping.unlock();
    }
  }

  /**
   * Drops the oldest segment, needed or not.
   *
   * @return false where there is none but the one that is written to, or it must stay
   */
  boolean dropOldest() {
    keeping.lock();
    try {
      List<SegmentExtent> extents = log.files().extents();
      if (extents.size() == 1 || groups.areUnknown()) {
        return false;
      }
      long end = extents.get(0).endOffset();
      if (log.visibleEnd() < end) {
        log.force(end); // what is not durable may not be dropped
      }
      return drop(extents.subList(0, 1), Cause.LIMIT);
    } finally {
      keeping.unlock();
    }
  }

  /** One past the last message of the oldest file. */
  long oldestEnd() {
    return log.files().extents().get(0).endOffset();
  }

  /** Returns false where that has to wait. */
  private boolean drop(List<SegmentExtent> extents, Cause cause) {
    long to = extents.get(extents.size() - 1).endOffset();
    if (isWrittenTo.getAsBoolean() || !mayDrop.test(to)) {
      return false;
    }
    try {
      dropNow(extents, cause, to);
      return true;
    } catch (AlreadyClosedException e) { // a group is just being deleted, and cannot be asked
      LOG.log(Level.DEBUG, this + " drops later", e);
      return false;
    }
  }

  private void dropNow(List<SegmentExtent> extents, Cause cause, long to) {
    for (Dependent group : groups.all()) {
      take(group, extents, cause);
    }
    groups.all().forEach(Dependent::forceMark);
    before.accept(to);
    log.dropBefore(to);
    dropped.run();
  }

  /** Takes what goes from a group, and says so, also where a part of it cannot be taken now. */
  private void take(Dependent group, List<SegmentExtent> extents, Cause cause) {
    long from = group.lowWaterMark();
    long to = from;
    long lost = 0;
    try {
      for (SegmentExtent extent : extents) { // one by one: consumers may come in between
        lost += group.dropBelow(extent.endOffset());
        to = extent.endOffset();
      }
    } finally {
      if (lost > 0) {
        events.publish(new MessagesLost(group.group(), log.name(), from, to, lost, cause));
      }
    }
  }

  /** Has the groups ask that hold the oldest segment; returns false where one has just let go. */
  private boolean awaitMarks(List<SegmentExtent> extents) {
    boolean awaits = extents.size() > 1 && retention.isUntilConsumed();
    long end = extents.get(0).endOffset();
    boolean held = groups.all().isEmpty();
    for (Dependent group : groups.all()) {
      boolean isBelow = group.await(awaits ? end : Long.MAX_VALUE);
      held |= isBelow;
    }
    return !awaits || held;
  }

  /** What holds at one moment. */
  private final class Moment {
    private final List<SegmentExtent> extents;
    private final long now = clock.time();
    private final boolean trusted = clockWatch.isTrusted();
    private final long end = log.visibleEnd(); // what is not durable yet may not be dropped
    private final long consumed = consumedTo();
    private final long bytes;

    Moment(List<SegmentExtent> extents) {
      this.extents = extents;
      this.bytes = extents.stream().mapToLong(SegmentExtent::bytes).sum();
    }

    private long consumedTo() {
      long none = groups.dropsWhenNone() ? end : 0;
      return groups.all().stream().mapToLong(Dependent::lowWaterMark).min().orElse(none);
    }

    /** The index of the first segment that stays; the last one always does. */
    int firstKept() {
      long left = bytes;
      int index = 0;
      while (index < extents.size() - 1 && mayGo(extents.get(index), left)) {
        left -= extents.get(index).bytes();
        index++;
      }
      return index;
    }

    private boolean mayGo(SegmentExtent extent, long bytesLeft) {
      return extent.endOffset() <= end
          && (isConsumed(extent) && isOlder(extent, retention.atLeastMillis())
              || isOlder(extent, retention.atMostMillis())
              || bytesLeft > retention.atMostBytes()
              || end - extent.endOffset() >= retention.atMostMessages());
    }

    private boolean isConsumed(SegmentExtent extent) {
      return retention.isUntilConsumed() && extent.endOffset() <= consumed;
    }

    private boolean isOlder(SegmentExtent extent, long millis) {
      return millis == 0 || trusted && now - extent.lastTime() >= millis;
    }

    /** When the oldest segment will be old enough. */
    long nextLook() {
      SegmentExtent oldest = extents.get(0);
      if (extents.size() == 1) {
        return Long.MAX_VALUE; // the next roll asks
      }
      long age = retention.atMostMillis();
      if (isConsumed(oldest)) {
        age = Math.min(age, retention.atLeastMillis());
      }
      if (age == Long.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
      long next = oldest.lastTime() + age;
      return trusted ? next : Math.max(next, now + LATER_MILLIS);
    }
  }

  @Override
  public String toString() {
    return "topic " + log.name();
  }
}
