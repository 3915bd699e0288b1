package io.holdfast.engine.group;

import java.util.ArrayList;
import java.util.List;

/**
 * Handlers that are at work on messages which a seek took from them. Nobody waits for their answer,
 * but in an order for their end: so they are interrupted at maxProcessing like others. The lock of
 * the group and topic is held for every call.
 */
final class StaleHandlers {
  private long maxProcessing; // milliseconds
  private final List<Lease> leases = new ArrayList<>();

  void maxProcessing(long millis) {
    maxProcessing = millis;
  }

  /** Takes the lease of a delivery that is out no more, whoever has it. */
  void add(Lease lease) {
    leases.removeIf(each -> !each.isAtWork());
    if (lease.isAtWork()) {
      leases.add(lease);
    }
  }

  /** Returns when the first of them is interrupted, or the end of time. */
  long firstDeadline() {
    long first = Long.MAX_VALUE;
    for (Lease lease : leases) {
      first = Math.min(first, deadline(lease));
    }
    return first;
  }

  /** Adds those to {@code overdue} that have run for too long. */
  void expire(long now, List<HandlerRun> overdue) {
    for (int i = leases.size() - 1; i >= 0; i--) {
      if (deadline(leases.get(i)) <= now) {
        overdue.add(leases.remove(i).handler());
      }
    }
  }

  private long deadline(Lease lease) {
    return lease.startedAt() + maxProcessing;
  }
}
