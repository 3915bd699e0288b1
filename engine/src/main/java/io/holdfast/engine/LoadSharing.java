package io.holdfast.engine;

/** Which of a group's consumers gets a message, where several could have it. */
public enum LoadSharing {
  /** Whoever asks first: the fastest. */
  ANY_FREE,
  /**
   * Of those that wait, the one whose last message lies back the furthest; one message each while
   * others wait. Who is at work is not waited for.
   */
  ROUND_ROBIN,
  /**
   * Messages of one key go to the same consumer, which keeps what it knows of the key warm, while
   * it waits for messages or did so within the last ackTimeout. Retries, and messages without a
   * key, go to any. It is no order: {@link Ordering#byKey()} is.
   */
  BY_KEY
}
