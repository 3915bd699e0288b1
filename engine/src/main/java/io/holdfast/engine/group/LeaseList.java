package io.holdfast.engine.group;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The leases that are out, the one that ends first in front: linked through the leases themselves,
 * so that one leaves at once when it is settled, and whoever settles it touches no other memory.
 *
 * <p>All leases of a group last equally long, so a new one belongs at the end and is found a place
 * there in a step or two. One thread at a time.
 */
final class LeaseList {
  private Lease first;
  private Lease last;
  private int size;
  private int committing; // that cannot run out meanwhile, and are not linked

  int size() {
    return size;
  }

  /** Returns how many messages somebody has, those of commits that are under way included. */
  int out() {
    return size + committing;
  }

  /** Takes a lease out until its commit has an outcome. */
  void commits(Lease lease) {
    remove(lease);
    committing++;
  }

  /** It is out no more. */
  void committed() {
    committing--;
  }

  /** Puts it back. */
  void commitEnded(Lease lease) {
    committing--;
    add(lease);
  }

  /** Returns the end of the lease that ends first, or the end of time. */
  long firstDeadline() {
    return first == null ? Long.MAX_VALUE : first.deadline();
  }

  /** Returns the lease that ends first, or null. */
  Lease first() {
    return first;
  }

  /** Returns the leases that are meant, in their order; they may leave meanwhile. */
  List<Lease> that(Predicate<Lease> meant) {
    List<Lease> found = new ArrayList<>();
    for (Lease lease = first; lease != null; lease = lease.next) {
      if (meant.test(lease)) {
        found.add(lease);
      }
    }
    return found;
  }

  /** Returns the lease behind this one, or null. */
  Lease after(Lease lease) {
    return lease.next;
  }

  void add(Lease lease) {
    Lease before = last;
    while (before != null && before.deadline() > lease.deadline()) {
      before = before.previous;
    }
    Lease behind = before == null ? first : before.next;
    lease.previous = before;
    lease.next = behind;
    if (before == null) {
      first = lease;
    } else {
      before.next = lease;
    }
    if (behind == null) {
      last = lease;
    } else {
      behind.previous = lease;
    }
    size++;
  }

  /** Takes a lease out; it must be in. */
  void remove(Lease lease) {
    Lease before = lease.previous;
    Lease behind = lease.next;
    if (before == null) {
      first = behind;
    } else {
      before.next = behind;
    }
    if (behind == null) {
      last = before;
    } else {
      behind.previous = before;
    }
    lease.previous = null;
    lease.next = null;
    size--;
  }
}
