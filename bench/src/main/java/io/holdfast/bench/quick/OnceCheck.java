package io.holdfast.bench.quick;

import io.holdfast.bench.Faults;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Watches that messages which several consumers share come once and whole, in any order. Each
 * consumer has one of its own, so that the check costs no traffic between them.
 */
final class OnceCheck {
  private final int payload;
  private final long messages;
  private final long[] seen;
  private long repeated;
  private long corrupt;

  OnceCheck(int payload, long messages) {
    this.payload = payload;
    this.messages = messages;
    this.seen = new long[Math.toIntExact((messages + Long.SIZE - 1) / Long.SIZE)];
  }

  void check(DirectBuffer buffer, int offset, int length) {
    long sequence = Stamp.sequence(buffer, offset, length, payload);
    if (sequence == Stamp.CORRUPT || sequence >= messages) {
      corrupt++;
      return;
    }
    int word = (int) (sequence >>> 6);
    repeated += seen[word] >>> sequence & 1;
    seen[word] |= 1L << sequence;
  }

  /** What is wrong when all of them together should have seen each message once. */
  static Faults faults(List<OnceCheck> checks, long messages) {
    long repeated = 0;
    long corrupt = 0;
    long found = 0;
    long[] all = new long[checks.get(0).seen.length];
    for (OnceCheck check : checks) {
      repeated += check.repeated;
      corrupt += check.corrupt;
      for (int i = 0; i < all.length; i++) {
        repeated += Long.bitCount(all[i] & check.seen[i]);
        found += Long.bitCount(check.seen[i] & ~all[i]);
        all[i] |= check.seen[i];
      }
    }
    return new Faults(messages - found, repeated, 0, corrupt);
  }
}
