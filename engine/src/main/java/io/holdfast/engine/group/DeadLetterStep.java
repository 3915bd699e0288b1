package io.holdfast.engine.group;

/**
 * A step on a message's way into the dead-letter topic, or of a dead letter on its way back; tests
 * stop at each of them.
 */
public enum DeadLetterStep {
  /** The slot says Dying. */
  SLOT_DYING,
  /** On powerLoss: the slot was forced. */
  SLOT_FORCED,
  /** The dead letter, or the redriven message, was appended, and forced on powerLoss. */
  LETTER_WRITTEN,
  /** The done bit was set, and forced on powerLoss. */
  BIT_SET,
  /** The slot was freed. */
  SLOT_FREED
}
