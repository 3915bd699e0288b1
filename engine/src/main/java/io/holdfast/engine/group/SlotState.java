package io.holdfast.engine.group;

/** The state of a slot; its ordinal is what stands in the file. */
public enum SlotState {
  /** Holds no message. */
  FREE,
  /** Out with a consumer. */
  RUNNING,
  /** Waits for its due time. */
  DELAYED,
  /** May be handed out again. */
  AVAILABLE,
  /** Acked in a transaction without an outcome; reserved. */
  COMMITTING,
  /** On its way into the dead-letter topic. */
  DYING,
  /** Finished; the bit is about to be set. */
  DONE;

  private static final SlotState[] VALUES = values();

  static SlotState of(int code) {
    return code < VALUES.length ? VALUES[code] : FREE;
  }
}
