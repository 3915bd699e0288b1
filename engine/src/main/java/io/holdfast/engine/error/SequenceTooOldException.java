package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * A sequence lies below the window of its producer, so that nobody knows whether it was taken.
 * Nothing was written.
 */
public final class SequenceTooOldException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public SequenceTooOldException(String message) {
    super(message);
  }
}
