package io.holdfast.engine.crash;

import io.holdfast.engine.Delivery;

/**
 * A delivery that the script has and has not settled. Belongs to the script's thread.
 *
 * @param delivery as it was received
 * @param group whose it is
 * @param claim of its message
 * @param lease when it runs out
 */
record Out(Delivery delivery, GroupLedger group, Claim claim, Lease lease) {
  /** The time of a lease, which moves. */
  static final class Lease {
    final long began;
    long deadline; // the end of time: it has run out, or was given back

    Lease(long began, long deadline) {
      this.began = began;
      this.deadline = deadline;
    }
  }
}
