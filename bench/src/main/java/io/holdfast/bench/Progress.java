package io.holdfast.bench;

/** What the threads of a run tell each other. */
final class Progress {
  private static final long UNKNOWN = -1;

  private volatile long sent = UNKNOWN; // the sender writes at its end, the receiver reads
  private volatile boolean ended; // sender, receiver and main thread write, all read

  /** Tells the receiver how many messages there are. */
  void sent(long messages) {
    sent = messages;
  }

  /** Whether the sender is done. */
  boolean sendingEnded() {
    return sent != UNKNOWN;
  }

  /** How many messages were sent; only once {@link #sendingEnded}. */
  long sent() {
    return sent;
  }

  /** Ends the run for every thread of it. */
  void end() {
    ended = true;
  }

  boolean hasEnded() {
    return ended;
  }
}
