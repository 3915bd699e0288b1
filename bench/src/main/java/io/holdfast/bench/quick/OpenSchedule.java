package io.holdfast.bench.quick;

/**
 * When the messages of an open loop are due. Immutable.
 *
 * @param start when message 0 is due, on the clock of {@link System#nanoTime}
 * @param rate messages a second
 * @param total messages
 */
record OpenSchedule(long start, long rate, int total) {

  /** When a message is due, whatever became of those before it. */
  long due(int sequence) {
    return start + sequence * 1_000_000_000L / rate;
  }
}
