package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends leases whose time is over, and finds handlers that took too long. The lock of the group and
 * topic is held for every call.
 */
final class Expiry {
  private final GroupContext context;
  private final TopicState state;
  private final Settlement settlement;
  private final StaleHandlers stale = new StaleHandlers();
  private final List<HandlerRun> overdue = new ArrayList<>(); // to interrupt

  Expiry(GroupContext context, TopicState state, Settlement settlement) {
    this.context = context;
    this.state = state;
    this.settlement = settlement;
    configure(context.config());
  }

  /** Handlers are given the time of this one from now on. */
  void configure(GroupConfig config) {
    stale.maxProcessing(config.maxProcessing().toMillis());
  }

  /**
   * Ends what is over by now.
   *
   * @param limited whether somebody may wait for the room that a lease takes
   */
  void expire(long now, boolean limited) {
    Lease lease = state.leases.first();
    while (lease != null && lease.deadline() <= now) {
      if (settlement.isKeptAlive(lease, now)) {
        settlement.extend(lease, now);
      } else if (!settlement.renew(lease, now)) {
        settlement.timeOut(lease, now);
        if (lease.handler() != null) {
          overdue.add(lease.handler());
        }
      }
      if (limited) {
        context.signal().raise();
      }
      lease = state.leases.first();
    }
    stale.expire(now, overdue);
  }

  /** Ends all leases, because the group goes to another place. */
  void revokeAll() {
    while (state.leases.size() > 0) {
      Lease lease = state.leases.first();
      settlement.revoke(lease);
      stale.add(lease);
    }
  }

  /** Returns when something is over next, or the end of time. */
  long firstDeadline() {
    return Math.min(state.leases.firstDeadline(), stale.firstDeadline());
  }

  /** Returns the handlers to be interrupted, once, and outside of the lock. */
  List<HandlerRun> takeOverdue() {
    if (overdue.isEmpty()) {
      return List.of();
    }
    List<HandlerRun> runs = List.copyOf(overdue);
    overdue.clear();
    return runs;
  }
}
