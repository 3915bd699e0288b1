package io.holdfast.engine.delay;

import io.holdfast.storage.Signal;
import java.util.function.LongConsumer;
import org.agrona.collections.LongArrayList;

/**
 * How far a group has come in a topic's delayed messages, in the order of their times. In memory
 * only: after an opening a group begins at the first entry and passes by what it is done with.
 *
 * <p>The lock of the group and topic is held for every call of the group.
 */
public final class DelayCursor {
  private final DelayIndex index;
  private final Signal signal;
  private final LongConsumer cancelled;
  private volatile long earliest = Long.MIN_VALUE; // no entry ahead is due before; under the lock
  // The rest is guarded by the lock of the index.
  long due = Long.MIN_VALUE; // of the last entry that was passed
  long offset = -1;
  long nextDue; // of the entry that was found
  long nextOffset;
  int version = -1; // of the index, for which the places are true
  int[] places = new int[0];

  DelayCursor(DelayIndex index, Signal signal, LongConsumer cancelled) {
    this.index = index;
    this.signal = signal;
    this.cancelled = cancelled;
  }

  /**
   * Says what becomes of a message with a time that the group meets in the order of the topic. One
   * that is not due is in the index when this returns.
   *
   * @param message its offset
   * @param deliverAt epoch milliseconds
   * @param now epoch milliseconds
   * @return where it is DUE or CANCELLED, no other answer is ever given for it
   * @throws io.holdfast.storage.error.DiskFullException when the index has no room on disk
   */
  public DelayAnswer meet(long message, long deliverAt, long now) {
    return index.meet(message, deliverAt, now);
  }

  /**
   * Whether a message was cancelled.
   *
   * @param message its offset
   * @return true for good
   */
  public boolean isCancelled(long message) {
    return index.hasBits() && index.isCancelled(message);
  }

  /**
   * Returns the messages of a part of the topic that were cancelled.
   *
   * @param from first offset
   * @param end behind the last one
   * @return their offsets, ascending
   */
  public LongArrayList cancelled(long from, long end) {
    LongArrayList found = new LongArrayList();
    if (index.hasBits()) {
      index.addCancelled(from, end, found);
    }
    return found;
  }

  /**
   * Returns the first message at or behind an offset that is to be read: the others are in a run,
   * and come through {@link #next}.
   *
   * @param from offset
   * @return {@code from} where that is to be read
   */
  public long skip(long from) {
    return index.hasBits() ? index.skip(from) : from;
  }

  /**
   * Finds the next message whose time has come.
   *
   * @param now epoch milliseconds
   * @return false where there is none
   * @throws io.holdfast.engine.error.DamagedDelaysException when the run is damaged that holds it
   */
  public boolean next(long now) {
    return now >= earliest && index.next(this, now);
  }

  /**
   * Returns the message that {@link #next} has found.
   *
   * @return its offset
   */
  public long message() {
    return nextOffset;
  }

  /**
   * Returns the time of the message that {@link #next} has found.
   *
   * @return epoch milliseconds
   */
  public long deliverAt() {
    return nextDue;
  }

  /** Passes the message that {@link #next} has found: the group has it, or is done with it. */
  public void passed() {
    index.passed(this, false);
  }

  /**
   * Passes the message that {@link #next} has found: the group has not come to its offset yet, and
   * meets it there. It is to be read then.
   */
  public void passedUnmet() {
    index.passed(this, true);
  }

  /** Begins again at the first entry: the group was moved to an earlier offset. */
  public void reset() {
    index.lower(this, Long.MIN_VALUE, -1);
  }

  /** The group is not there any more. A second call does nothing. */
  public void close() {
    index.detach(this);
  }

  boolean isAtOrBefore(long otherDue, long otherOffset) {
    return !DelayEntries.isBehind(due, offset, otherDue, otherOffset);
  }

  void earliest(long time) {
    earliest = time;
  }

  void mayBeDueAt(long time) {
    earliest = Math.min(earliest, time);
  }

  void raise() {
    signal.raise();
  }

  void tellCancelled(long message) {
    cancelled.accept(message);
  }
}
