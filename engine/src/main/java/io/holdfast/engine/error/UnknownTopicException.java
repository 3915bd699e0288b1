package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** There is no topic of this name in the store. */
public final class UnknownTopicException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public UnknownTopicException(String message) {
    super(message);
  }
}
