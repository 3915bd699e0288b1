package io.holdfast.engine.group;

/**
 * What a group counts of its messages on one topic, as a head holds it.
 *
 * @param dead dead letters, or messages that were parked
 * @param parked messages that were parked
 * @param lost messages that a damaged topic lost before they were done
 * @param expired messages that expired before they were done
 * @param dropped messages that retention or a limit took before they were done
 * @param cancelled messages that were cancelled before they were due
 * @param skipped messages that a seek passed over before they were done
 */
record Counts(
    long dead, long parked, long lost, long expired, long dropped, long cancelled, long skipped) {
  /** Of a group that begins. */
  static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);
}
