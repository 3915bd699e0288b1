package io.holdfast.bench;

/**
 * When the messages of a run are due: an open loop, which never waits for an answer. Immutable.
 *
 * @param start when message 0 is due, on the run's nanosecond clock
 * @param rate messages a second
 * @param warmup messages before the first that is measured
 * @param total messages, those of the warm-up included
 */
record Schedule(long start, int rate, long warmup, long total) {

  /** When a message is due; its latency counts from then, whenever it was really sent. */
  long due(long sequence) {
    // A double is exact to a nanosecond for runs of up to 100 days.
    return start + (long) (sequence * (1e9 / rate));
  }

  /** When the first message that is measured is due. */
  long measuredFrom() {
    return due(warmup);
  }
}
