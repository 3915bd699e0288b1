package io.holdfast.engine;

/** Which of a group's consumers gets a message, where several could have it. */
public enum LoadSharing {
  /** Whoever asks first: the fastest. */
  ANY_FREE,
  /** Of those that wait, the one that has waited longest for its last message. */
  ROUND_ROBIN,
  /**
   * Messages of one key go to the same consumer while it is there and asks for messages, which
   * keeps what it knows of the key warm. It is no order: {@link Ordering#byKey()} is.
   */
  BY_KEY
}
