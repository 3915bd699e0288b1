package io.holdfast.engine.crash;

/**
 * What one group was told of one message: what it must hold to, and what it may have done since.
 * Mutable; guarded by the lock of its {@link Ledger}.
 */
final class Claim {
  int least; // attempts that were handed over, for certain
  int most; // attempts that may have begun
  int leastFailures;
  int mostFailures;
  boolean acked; // for certain: it must not come again
  boolean dead; // for certain: it has its dead letter and must not come again
  boolean committed; // it was acked by a transaction that is durable
  boolean mayBeAcked;
  boolean mayBeDead;
  boolean cut; // a power cut came since: what was not forced may be of any time
  boolean loose; // a power cut came over a topic that is not forced: its letter may be lost

  Claim copy() {
    Claim copy = new Claim();
    copy.least = least;
    copy.most = most;
    copy.leastFailures = leastFailures;
    copy.mostFailures = mostFailures;
    copy.acked = acked;
    copy.dead = dead;
    copy.committed = committed;
    copy.mayBeAcked = mayBeAcked;
    copy.mayBeDead = mayBeDead;
    copy.cut = cut;
    copy.loose = loose;
    return copy;
  }

  /** What is certain is taken from before a moment, what is possible from after it. */
  static Claim between(Claim before, Claim after) {
    Claim claim = after.copy();
    claim.least = before.least;
    claim.leastFailures = before.leastFailures;
    claim.acked = before.acked;
    claim.dead = before.dead;
    claim.committed = before.committed;
    claim.mayBeAcked |= after.acked;
    claim.mayBeDead |= after.dead;
    return claim;
  }

  /**
   * What a power cut takes back: an ack may be forgotten, and so may attempts and failures. A dead
   * letter on a powerLoss topic was forced before anybody was told.
   */
  void forget(boolean forced) {
    cut = true;
    least = 0;
    leastFailures = 0;
    mayBeAcked |= acked;
    acked = committed;
    if (!forced) {
      mayBeDead |= dead;
      dead = false;
      loose = true;
    }
  }

  /** What the death of the process may add: a failure, of a message that was out. */
  void died(int maxAttempts) {
    if (most > 0 && !acked && !dead) {
      mostFailures++;
      mayBeDead |= mostFailures >= maxAttempts;
    }
  }

  /** A transaction that is durable has acked it: for ever. */
  void commit() {
    acked = true;
    committed = true;
  }

  /** Whether the group may be done with the message. */
  boolean mayBeDone() {
    return acked || dead || mayBeAcked || mayBeDead;
  }

  /** It was handed over, so it was not done. */
  void delivered(int attempt) {
    least = attempt;
    most = attempt;
    mayBeAcked = false;
    mayBeDead = false;
  }

  /** One number of all that is claimed. */
  long digest() {
    long flags = (acked ? 1 : 0) | (dead ? 2 : 0) | (mayBeAcked ? 4 : 0) | (mayBeDead ? 8 : 0);
    flags |= committed ? 1L << 61 : 0;
    long counts = least * 31L + most * 961L + leastFailures * 29_791L + mostFailures * 923_521L;
    return flags | counts << 5 | (loose ? 16 : 0) | (cut ? 1L << 62 : 0);
  }

  @Override
  public String toString() {
    return "attempts %d..%d, failures %d..%d%s%s%s%s%s"
        .formatted(
            least,
            most,
            leastFailures,
            mostFailures,
            acked ? ", acked" : "",
            dead ? ", dead" : "",
            mayBeAcked ? ", may be acked" : "",
            mayBeDead ? ", may be dead" : "",
            loose ? ", loose" : "");
  }
}
