package io.holdfast.engine.group;

/**
 * The counters of a group on one topic, but for dead letters, whose topic counts them. They are
 * stored with the head. The lock of the group and topic is held for every use.
 */
final class Counters {
  long parked;
  long lost;
  long expired;
  long dropped;
  long cancelled;
  long skipped;

  /** Goes on where a head left off. */
  void restore(Counts stored) {
    parked = stored.parked();
    lost = stored.lost();
    expired = stored.expired();
    dropped = stored.dropped();
    cancelled = stored.cancelled();
    skipped = stored.skipped();
  }

  Counts snapshot(long dead) {
    return new Counts(dead, parked, lost, expired, dropped, cancelled, skipped);
  }
}
