package io.holdfast.engine.group;

/**
 * The leases that one receive handed out together. Who settles one of them shows that it is at work
 * on the batch, and so renews the leases of the rest. They may belong to several topics.
 */
public final class LeaseBatch {
  private volatile long renewedAt = Long.MIN_VALUE; // under locks of different topics

  /** Makes a batch of which nothing is settled. */
  public LeaseBatch() {
    // The field is set where it is declared.
  }

  /** Says that one was settled or extended; epoch milliseconds. */
  void renew(long now) {
    if (now != renewedAt) { // most often it is the same millisecond
      renewedAt = now;
    }
  }

  /** Returns when one was settled or extended the last time; the beginning of time if never. */
  long renewedAt() {
    return renewedAt;
  }
}
