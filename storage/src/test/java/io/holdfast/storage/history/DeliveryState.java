package io.holdfast.storage.history;

/** What a group was told of one message, as one word. */
final class DeliveryState {
  /** Nothing was told yet. */
  static final long NONE = 0;

  static final long ACKING = 1L << 48; // an ack was asked for
  static final long ACKED = 1L << 49; // and answered
  static final long REJECTING = 1L << 50;
  static final long REJECTED = 1L << 51;
  static final long LETTER = 1L << 52; // a dead letter of it was seen

  /** It may be done in any way, or not. */
  static final long ANYTHING = ACKING | REJECTING;

  private static final int MOST_ATTEMPTS = 0xFFFF;
  private static final int MOST_FAILURES = 0xFF;
  private static final int ASKED = 16;
  private static final int ANSWERED = 24;

  private DeliveryState() {}

  /** The number of the last attempt. */
  static int attempts(long state) {
    return (int) state & MOST_ATTEMPTS;
  }

  static long withAttempts(long state, int attempts) {
    return state & ~(long) MOST_ATTEMPTS | Math.min(attempts, MOST_ATTEMPTS);
  }

  /** Failures that were told to the group; it may have died before it stored the last ones. */
  static int failing(long state) {
    return (int) (state >> ASKED) & MOST_FAILURES;
  }

  /** Failures that the group has answered. */
  static int failed(long state) {
    return (int) (state >> ANSWERED) & MOST_FAILURES;
  }

  static long withFailing(long state) {
    return failing(state) == MOST_FAILURES ? state : state + (1L << ASKED);
  }

  static long withFailed(long state) {
    return failed(state) == MOST_FAILURES ? state : state + (1L << ANSWERED);
  }

  /** Whether the message may not come again. */
  static boolean isDone(long state) {
    return (state & (ACKED | LETTER)) != 0;
  }

  /** What is certain of it after a power cut: what was asked for may be done, nothing else. */
  static long afterCut(long state) {
    return state & ((long) MOST_FAILURES << ASKED | ACKING | REJECTING);
  }
}
