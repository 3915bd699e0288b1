package io.holdfast.engine.delay;

/** What becomes of a message with a time that a group meets. */
public enum DelayAnswer {
  /** Its time has come, and nobody can cancel it any more. */
  DUE,
  /** The group passes it by, and comes back when it is due. */
  NOT_DUE,
  /** Nobody gets it. */
  CANCELLED,
  /** The group goes no further until there is room for more messages that are not due. */
  NO_ROOM
}
