package io.holdfast.engine;

/** What becomes of a message that a group is not done with when it expires. */
public enum OnExpiry {
  /** It becomes a dead letter with the reason {@code expired}. */
  DEAD_LETTER,
  /** The group is done with it; it is counted, and nothing else is left of it. */
  DROP
}
