package io.holdfast.engine.group;

import io.holdfast.engine.GroupStats;
import io.holdfast.storage.TopicLog;
import java.util.function.LongSupplier;

/** What a group has before it on one topic. The lock of the group and topic is held. */
final class GroupFigures {
  private final TopicLog log;
  private final TopicState state;
  private final LongSupplier dead;
  private final OldestMessage oldest;

  GroupFigures(TopicLog log, TopicState state, LongSupplier dead) {
    this.log = log;
    this.state = state;
    this.dead = dead;
    this.oldest = new OldestMessage(log, state);
  }

  GroupStats at(long now) {
    long mark = state.done.lowWaterMark();
    long end = Math.max(mark, log.visibleEnd());
    Counters counters = state.counters;
    return new GroupStats(
        log.name(),
        mark,
        end,
        end - mark - state.done.doneAbove(),
        state.leases.out(),
        state.delayed(),
        state.dying(),
        dead.getAsLong(),
        counters.lost,
        counters.expired,
        counters.dropped,
        counters.cancelled,
        counters.skipped,
        oldest.since(end, now));
  }
}
