package io.holdfast.engine;

import io.holdfast.engine.delay.DelayIndex;
import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.engine.group.Timed;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.EpochClock;

/**
 * What the engine keeps of one open topic beside its log, for all groups together. There is one for
 * each topic, from the opening of the store or the making of the topic until the engine is closed
 * or the topic deleted. Thread-safe.
 */
final class TopicRuntime implements Timed, AutoCloseable {
  private final TopicLog log;
  private final EpochClock clock;
  private final GroupTimer timer;
  private final AtomicBoolean isTimed = new AtomicBoolean(); // with the first delayed message
  private final DelayIndex delays;

  TopicRuntime(TopicLog log, Store store, GroupTimer timer, DelayLimits limits) {
    this.log = log;
    this.clock = store.clock();
    this.timer = timer;
    this.delays = DelayIndex.open(store, log, limits, this::schedule);
  }

  TopicLog log() {
    return log;
  }

  /** Its messages whose time has not come. */
  DelayIndex delays() {
    return delays;
  }

  DelayedMessages delayed() {
    return DelayedMessages.of(delays, clock.time());
  }

  @Override
  public long tick() {
    return delays.tick(clock.time());
  }

  private void schedule(long time) {
    if (isTimed.compareAndSet(false, true)) {
      timer.add(this);
    }
    timer.schedule(time);
  }

  /** Unmaps and ends what belongs to the topic; no group is on it any more. */
  @Override
  public void close() {
    timer.remove(this);
    delays.close(); // the log itself is closed by the store
  }

  @Override
  public String toString() {
    return "topic " + log.name();
  }
}
