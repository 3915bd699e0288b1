package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A limit of the topic is reached, and its answer is to refuse; nothing was written. */
public final class TopicFullException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which limit, how much of it is used and what to do
   */
  public TopicFullException(String message) {
    super(message);
  }
}
