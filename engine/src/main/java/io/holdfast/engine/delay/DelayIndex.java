package io.holdfast.engine.delay;

import io.holdfast.storage.Signal;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.agrona.collections.LongArrayList;

/**
 * The messages of one topic whose time has not come, as its groups have met them. Thread-safe.
 *
 * <p>An entry (time, offset) stands in the tail, in a frozen tail, or in a run on disk, and each
 * group goes through all of them in the order of their times with a {@link DelayCursor}. The record
 * alone says when a message is due: an entry that says something else is passed by. A bit of
 * {@code delayed} says that a run holds the message, and that a group need not read it in the order
 * of the topic. What has no bit is read there, so that nothing is lost with the index.
 *
 * <p>Its lock is taken under the locks of groups, never the other way round, and nobody waits for
 * the disk under it: all file work is done by the store's agent ({@link DelayKeeper}).
 */
public final class DelayIndex implements AutoCloseable {
  final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock; the agent alone changes the lists.
  final List<DelayRun> runs = new ArrayList<>();
  final List<DelayTail> frozen = new ArrayList<>(); // the lock's holders add, the agent removes
  final DelayBits delayed = new DelayBits();
  final DelayBits cancelled = new DelayBits();
  private final List<DelayCursor> cursors = new ArrayList<>();
  private DelayTail tail = new DelayTail();
  private int version; // of runs and frozen
  private long cursorChanges; // how often one came, or went back
  private long furthestDue = Long.MIN_VALUE; // where the cursor is, or was, that went furthest
  private long furthestOffset = -1;
  private long decided = Long.MIN_VALUE; // the latest time by which a message was found due
  private long cancelling = -1; // the message whose bit is on its way to the device
  private long lastTick = Long.MIN_VALUE;
  private long planned = Long.MIN_VALUE; // nothing becomes due before; what the timer was told
  private boolean waitsForRoom;
  private long met; // times that a group has read a message that was not due

  private final TopicLog log;
  private final Store store;
  private final DelayLimits limits;
  private final DelayKeeper keeper;
  private final LongConsumer timer;
  private volatile boolean hasBits; // never false again; written under the lock, read by all
  private volatile boolean hasEntries; // the same

  private DelayIndex(
      Store store, TopicLog log, DelayFiles files, DelayLimits limits, LongConsumer timer) {
    this.limits = limits;
    this.store = store;
    this.log = log;
    this.timer = timer;
    this.keeper = new DelayKeeper(this, store, log, files, limits);
  }

  /**
   * Opens the index of a topic, before anything can be appended to it. Reads no entry.
   *
   * @param store where the topic is
   * @param log the topic
   * @param limits how large its parts become
   * @param timer told of times, epoch milliseconds, at which {@link #tick} is to be called
   * @return to be closed before the store
   */
  public static DelayIndex open(
      Store store, TopicLog log, DelayLimits limits, LongConsumer timer) {
    DelayFiles files =
        new DelayFiles(
            store, store.directory().resolve("delays").resolve(log.name()), log.number());
    DelayIndex index = new DelayIndex(store, log, files, limits, timer);
    if (files.exist()) {
      try {
        index.keeper.open();
      } catch (RuntimeException | Error e) {
        index.keeper.unmap();
        throw e;
      }
    }
    if (index.hasEntries) {
      timer.accept(0); // some of them may be due
    }
    return index;
  }

  /**
   * Gives a group its place in the index, before the first entry.
   *
   * @param signal raised when a message becomes due
   * @param onCancel told of the offset of each message that is cancelled, under no lock
   * @return to be closed when the group goes
   */
  public DelayCursor attach(Signal signal, LongConsumer onCancel) {
    DelayCursor cursor = new DelayCursor(this, signal, onCancel);
    lock.lock();
    try {
      cursors.add(cursor);
      cursorChanges++;
      return cursor;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Cancels a message, for the groups that there are and all that come.
   *
   * @param offset of a message that is visible
   * @param deliverAt its time, as the record has it
   * @return true when the device has it; false where it is too late
   * @throws io.holdfast.storage.error.DiskFullException when there is no room; nothing was done
   */
  public boolean cancel(long offset, long deliverAt) {
    if (!store.onAgent(() -> keeper.cancel(offset, deliverAt))) {
      return false;
    }
    copyOfCursors().forEach(cursor -> cursor.tellCancelled(offset));
    return true;
  }

  /**
   * How many messages wait.
   *
   * @param now epoch milliseconds
   * @return an upper bound: what was cancelled may be counted
   */
  public long waiting(long now) {
    return inLock(() -> sum(entries -> entries.size() - entries.behind(now, Long.MAX_VALUE)));
  }

  /**
   * How often a group has read a message since the opening and found that it was not due.
   *
   * @return for each group that had to once for each message that is in no run
   */
  public long met() {
    return inLock(() -> met);
  }

  /**
   * When the next message is due.
   *
   * @param now epoch milliseconds
   * @return later than now; nothing where none waits
   */
  public OptionalLong nextDue(long now) {
    long next = inLock(() -> firstDueBehind(now));
    return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
  }

  /**
   * Tells the groups of what has become due.
   *
   * @param now epoch milliseconds
   * @return when to call again; the end of time where nothing waits
   */
  public long tick(long now) {
    if (!hasEntries) {
      return Long.MAX_VALUE;
    }
    boolean isDue = false;
    long next;
    lock.lock();
    try {
      if (now < lastTick || now >= planned) {
        isDue = firstDueBehind(lastTick) <= now;
        planned = firstDueBehind(now);
        lastTick = now;
      }
      if (isDue) {
        cursors.forEach(cursor -> cursor.mayBeDueAt(Long.MIN_VALUE)); // so that they look here
      }
      next = planned;
    } finally {
      lock.unlock();
    }
    if (isDue) {
      copyOfCursors().forEach(DelayCursor::raise);
    }
    return Math.min(next, keeper.retryWhereDue(now));
  }

  /** Writes what is worth it and unmaps all files; the groups are closed. */
  @Override
  public void close() {
    keeper.close();
  }

  @Override
  public String toString() {
    return "the delayed messages of topic " + log.name();
  }

  boolean hasBits() {
    return hasBits;
  }

  void hasBitsNow() {
    hasBits = true;
  }

  void hasEntriesNow() {
    hasEntries = true;
  }

  /** Says that runs or frozen tails are others now; the lock is held. */
  void changed() {
    version++;
  }

  DelayAnswer meet(long offset, long deliverAt, long now) {
    lock.lock();
    try {
      if (offset != cancelling) {
        if (cancelled.isSet(offset)) {
          return DelayAnswer.CANCELLED;
        }
        if (deliverAt <= now) {
          decided = Math.max(decided, now);
          return DelayAnswer.DUE;
        }
      }
      met++;
      if (!delayed.isSet(offset) && !add(deliverAt, offset)) {
        return DelayAnswer.NO_ROOM;
      }
      return DelayAnswer.NOT_DUE;
    } finally {
      lock.unlock();
    }
  }

  /** Adds an entry; cursors that are behind it already go back, as the clock did. */
  private boolean add(long due, long offset) {
    if (tail.size() >= limits.tail()) {
      dropPassed(tail);
      if (tail.size() > limits.tail() / 2 && !freeze()) {
        return false;
      }
    }
    tail.add(due, offset);
    hasEntries = true;
    for (DelayCursor cursor : cursors) {
      if (!cursor.isAtOrBefore(due, offset)) {
        lowerTo(cursor, due, offset - 1);
      }
      cursor.mayBeDueAt(due);
    }
    plan(due);
    return true;
  }

  /** Has the groups told at a time, though a tick may have read a later one; the lock is held. */
  private void plan(long due) {
    planned = Math.min(planned, due);
    lastTick = Math.min(lastTick, due - 1);
    timer.accept(due);
  }

  /** Begins another tail, whose predecessor the agent writes; the lock is held. */
  boolean freeze() {
    if (frozen.size() >= limits.frozen()) {
      waitsForRoom = true;
      HoldfastException failure = keeper.failure();
      if (failure != null) {
        throw failure;
      }
      return false;
    }
    frozen.add(tail);
    tail = new DelayTail();
    version++;
    keeper.ask();
    return true;
  }

  /** How many entries are in the tail; the lock is held. */
  int tailSize() {
    return tail.size();
  }

  private void dropPassed(DelayTail entries) {
    DelayCursor last = last();
    if (last != null) {
      entries.dropThrough(last.due, last.offset);
    }
  }

  /** Returns the cursor that is behind all others, or null; the lock is held. */
  DelayCursor last() {
    DelayCursor last = null;
    for (DelayCursor cursor : cursors) {
      if (last == null
          || DelayEntries.isBehind(last.due, last.offset, cursor.due, cursor.offset)) {
        last = cursor;
      }
    }
    return last;
  }

  /** Returns a number that changes when a cursor comes or goes back; the lock is held. */
  long cursorChanges() {
    return cursorChanges;
  }

  /**
   * Whether a bit may say that a run holds an entry: not where a cursor went past it, whose group
   * may have left it to be met; the lock is held.
   */
  boolean isAhead(long due, long offset) {
    return DelayEntries.isBehind(due, offset, furthestDue, furthestOffset);
  }

  boolean next(DelayCursor cursor, long now) {
    lock.lock();
    try {
      DelayEntries first = find(cursor);
      if (first == null || cursor.nextDue > now) {
        cursor.earliest(first == null ? Long.MAX_VALUE : cursor.nextDue);
        if (first != null && cursor.nextDue <= lastTick) {
          plan(cursor.nextDue); // the group was told of it, but its clock was behind, or set back
        }
        return false;
      }
      if (cursor.nextOffset == cancelling) {
        return false;
      }
      decided = Math.max(decided, now);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Finds the first entry behind a cursor. */
  private DelayEntries find(DelayCursor cursor) {
    int sources = runs.size() + frozen.size();
    if (cursor.version != version) {
      cursor.places = new int[sources];
      for (int i = 0; i < sources; i++) {
        cursor.places[i] = source(i).behind(cursor.due, cursor.offset);
      }
      cursor.version = version;
    }
    DelayEntries first = null;
    int at = 0;
    for (int i = 0; i <= sources; i++) {
      DelayEntries source = i == sources ? tail : source(i);
      int place = i == sources ? tail.behind(cursor.due, cursor.offset) : cursor.places[i];
      if (place < source.size()
          && (first == null
              || DelayEntries.isBehind(
                  first.due(at), first.offset(at), source.due(place), source.offset(place)))) {
        first = source;
        at = place;
      }
    }
    if (first instanceof DelayRun run) {
      keeper.check(run, at);
    }
    if (first != null) {
      cursor.nextDue = first.due(at);
      cursor.nextOffset = first.offset(at);
    }
    return first;
  }

  private DelayEntries source(int index) {
    return index < runs.size() ? runs.get(index) : frozen.get(index - runs.size());
  }

  void passed(DelayCursor cursor, boolean isUnmet) {
    lock.lock();
    try {
      cursor.due = cursor.nextDue;
      cursor.offset = cursor.nextOffset;
      if (isAhead(cursor.due, cursor.offset)) {
        furthestDue = cursor.due;
        furthestOffset = cursor.offset;
      }
      if (isUnmet) {
        delayed.clear(cursor.offset);
      }
      if (cursor.version == version) {
        step(cursor);
      }
    } finally {
      lock.unlock();
    }
  }

  private void step(DelayCursor cursor) {
    for (int i = 0; i < cursor.places.length; i++) {
      DelayEntries source = source(i);
      int place = cursor.places[i];
      if (place < source.size()
          && source.due(place) == cursor.due
          && source.offset(place) == cursor.offset
          && ++cursor.places[i] == source.size()) {
        keeper.ask(); // it may be the last one that needed this run
      }
    }
  }

  void lower(DelayCursor cursor, long due, long offset) {
    lock.lock();
    try {
      lowerTo(cursor, due, offset);
    } finally {
      lock.unlock();
    }
  }

  private void lowerTo(DelayCursor cursor, long due, long offset) {
    cursor.due = due;
    cursor.offset = offset;
    cursor.version = -1;
    cursor.earliest(Long.MIN_VALUE);
    cursorChanges++;
  }

  void detach(DelayCursor cursor) {
    lock.lock();
    try {
      dropPassed(tail); // while it is known what nobody needs
      cursors.remove(cursor);
    } finally {
      lock.unlock();
    }
  }

  boolean isCancelled(long offset) {
    lock.lock();
    try {
      return offset != cancelling && cancelled.isSet(offset);
    } finally {
      lock.unlock();
    }
  }

  /** Adds the messages from an offset to an end that were cancelled. */
  void addCancelled(long from, long end, LongArrayList to) {
    lock.lock();
    try {
      for (long offset = from; offset < end; offset = (offset & -64) + 64) {
        long number = DelayBitsLayout.chunk(offset);
        if (!cancelled.hasChunk(number)) {
          offset = (number + 1 << DelayBitsLayout.OFFSETS_SHIFT) - 64;
          continue;
        }
        for (long bits = cancelled.word(offset) & -1L << offset; bits != 0; bits &= bits - 1) {
          long found = (offset & -64) + Long.numberOfTrailingZeros(bits);
          if (found < end && found != cancelling) {
            to.addLong(found);
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  long skip(long from) {
    lock.lock();
    try {
      long offset = from;
      while (true) {
        long clear = ~(delayed.word(offset) & ~cancelled.word(offset)) & -1L << offset;
        if (clear != 0) {
          return (offset & -64) + Long.numberOfTrailingZeros(clear);
        }
        offset = (offset & -64) + 64;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is too late to cancel a message of a time; the lock is held. */
  boolean isTooLate(long deliverAt) {
    return deliverAt <= Math.max(decided, store.clock().time());
  }

  /** Says which message's bit is on its way to the device, or -1; the lock is held. */
  void cancelling(long offset) {
    cancelling = offset;
  }

  /** Tells groups that there is room for more, if one has met the limit; takes the lock. */
  void hasRoom() {
    boolean tell;
    lock.lock();
    try {
      tell = waitsForRoom;
      waitsForRoom = false;
    } finally {
      lock.unlock();
    }
    if (tell) {
      copyOfCursors().forEach(DelayCursor::raise);
    }
  }

  void schedule(long time) {
    timer.accept(time);
  }

  private long firstDueBehind(long time) {
    long first = Long.MAX_VALUE;
    for (int i = 0; i <= runs.size() + frozen.size(); i++) {
      DelayEntries source = i == runs.size() + frozen.size() ? tail : source(i);
      int at = source.behind(time, Long.MAX_VALUE);
      first = Math.min(first, at < source.size() ? source.due(at) : Long.MAX_VALUE);
    }
    return first;
  }

  private long sum(ToIntFunction<DelayEntries> of) {
    long sum = of.applyAsInt(tail);
    for (int i = 0; i < runs.size() + frozen.size(); i++) {
      sum += of.applyAsInt(source(i));
    }
    return sum;
  }

  private long inLock(LongSupplier work) {
    lock.lock();
    try {
      return work.getAsLong();
    } finally {
      lock.unlock();
    }
  }

  private List<DelayCursor> copyOfCursors() {
    lock.lock();
    try {
      return List.copyOf(cursors);
    } finally {
      lock.unlock();
    }
  }
}
