package io.holdfast.tools.demo;

import java.util.BitSet;

/** What was told of one group, kept outside the store. */
final class GroupRecord {
  private final BitSet acked = new BitSet();
  private long again;
  private long failures;
  private long redelivered;

  void acked(int offset, int attempt) {
    cameAgain(offset);
    acked.set(offset);
    redelivered += attempt > 1 ? 1 : 0;
  }

  void failed(int offset) {
    cameAgain(offset);
    failures++;
  }

  private void cameAgain(int offset) {
    if (acked.get(offset)) {
      again++;
    }
  }

  /** Offsets of messages that were acked. */
  BitSet acked() {
    return acked;
  }

  /** Deliveries of messages that had been acked before: there must be none. */
  long again() {
    return again;
  }

  /** Times that a handler threw. */
  long failures() {
    return failures;
  }

  /** Messages that were acked at a later attempt than the first. */
  long redelivered() {
    return redelivered;
  }
}
