package io.holdfast.engine.group;

import io.holdfast.engine.SeekReport;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;

/**
 * Moves a group to another place of a topic, see docs/architecture.md, "Seek", and copies what it
 * is done with. Thread-safe.
 */
public final class Position {
  private final TopicLog log;
  private final TopicState state;
  private final Expiry expiry;
  private final DeadLetters letters;
  private final Guard guard;

  /**
   * What belongs to the group and topic.
   *
   * @param lock of the group and topic
   * @param checkOpen throws where it is closed; under the lock
   * @param moved called when the group has moved, or could not; outside of the lock
   */
  record Guard(ReentrantLock lock, Runnable checkOpen, Runnable moved) {}

  Position(TopicLog log, TopicState state, Expiry expiry, DeadLetters letters, Guard guard) {
    this.log = log;
    this.state = state;
    this.expiry = expiry;
    this.letters = letters;
    this.guard = guard;
  }

  /**
   * Moves the group: what is below the place is done, what is at or above it is not. Deliveries
   * that are out are stale; what is on its way to the dead letters is written before. When this
   * returns the device has it.
   *
   * @param place gives the offset; the nearest one that the topic has is taken
   * @return what was done
   */
  public SeekReport seek(ToLongFunction<TopicLog> place) {
    long offset = place.applyAsLong(log);
    try {
      return letters.whileNoneIsDying(() -> go(offset));
    } finally {
      guard.moved().run();
    }
  }

  /**
   * Says what a seek would do; what is on its way to the dead letters counts as not done.
   *
   * @param place gives the offset
   * @return of this moment
   */
  public SeekReport preview(ToLongFunction<TopicLog> place) {
    long offset = place.applyAsLong(log);
    guard.lock().lock();
    try {
      return report(offset);
    } finally {
      guard.lock().unlock();
    }
  }

  /**
   * Makes the state of another group, which is done with what this one is done with at this moment.
   *
   * @param store where both are
   * @param directory of the other state; not there yet
   */
  public void copyTo(Store store, Path directory) {
    StateFiles files = new StateFiles(store, new ForcedNames(), directory, log.number());
    guard.lock().lock();
    try {
      guard.checkOpen().run();
      state.copyTo(files);
    } finally {
      guard.lock().unlock();
    }
  }

  private SeekReport report(long offset) {
    guard.checkOpen().run();
    long to = Place.within(log, offset);
    return new SeekReport(
        log.name(),
        state.done.lowWaterMark(),
        to,
        state.doneAndNotCancelled(to, log.visibleEnd()),
        state.done.notDoneBelow(to),
        state.leases.out(),
        state.delayed());
  }

  private SeekReport go(long offset) {
    SeekReport report = report(offset);
    // First of all: whoever begins with a handler from now on sees it and does not, and who has
    // begun is seen by the order.
    for (Lease each = state.leases.first(); each != null; each = state.leases.after(each)) {
      each.revoke();
    }
    state.order.restart(state.leases);
    expiry.revokeAll();
    state.seek(report.to(), log.visibleEnd());
    return report;
  }
}
