package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A callback sent a message while its producer had no room; waiting would be for ever. */
public final class PendingFullException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public PendingFullException(String message) {
    super(message);
  }
}
