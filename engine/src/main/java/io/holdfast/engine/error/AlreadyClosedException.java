package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** The engine, producer, consumer or reader that was called is closed. */
public final class AlreadyClosedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public AlreadyClosedException(String message) {
    super(message);
  }
}
