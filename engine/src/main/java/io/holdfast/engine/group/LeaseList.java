package io.holdfast.engine.group;

import java.util.Arrays;

/**
 * The leases that are out, the one that ends first in front: a list linked through their slots, so
 * that a lease leaves at once when it is settled and nothing is left of it.
 *
 * <p>All leases of a group last equally long, so a new one belongs at the end and is found a place
 * there in a step or two. One thread at a time.
 */
final class LeaseList {
  private static final int NONE = -1;

  private Lease[] leases = new Lease[0]; // by slot
  private int[] next = new int[0];
  private int[] previous = new int[0];
  private int first = NONE;
  private int last = NONE;
  private int size;

  int size() {
    return size;
  }

  /** Returns the end of the lease that ends first, or the end of time. */
  long firstDeadline() {
    return first == NONE ? Long.MAX_VALUE : leases[first].deadline();
  }

  /** Returns the lease that ends first, or null. */
  Lease first() {
    return first == NONE ? null : leases[first];
  }

  /** Returns the lease behind this one, or null. */
  Lease after(Lease lease) {
    int slot = next[lease.slot()];
    return slot == NONE ? null : leases[slot];
  }

  void add(Lease lease) {
    int slot = lease.slot();
    if (slot >= leases.length) {
      int capacity = Math.max(slot + 1, Math.max(64, leases.length * 2));
      leases = Arrays.copyOf(leases, capacity);
      next = Arrays.copyOf(next, capacity);
      previous = Arrays.copyOf(previous, capacity);
    }
    int before = last;
    while (before != NONE && leases[before].deadline() > lease.deadline()) {
      before = previous[before];
    }
    int behind = before == NONE ? first : next[before];
    leases[slot] = lease;
    previous[slot] = before;
    next[slot] = behind;
    if (before == NONE) {
      first = slot;
    } else {
      next[before] = slot;
    }
    if (behind == NONE) {
      last = slot;
    } else {
      previous[behind] = slot;
    }
    size++;
  }

  /** Takes a lease out; it must be in. */
  void remove(Lease lease) {
    int slot = lease.slot();
    int before = previous[slot];
    int behind = next[slot];
    if (before == NONE) {
      first = behind;
    } else {
      next[before] = behind;
    }
    if (behind == NONE) {
      last = before;
    } else {
      previous[behind] = before;
    }
    leases[slot] = null;
    size--;
  }
}
