package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A record needs something that this version does not know; it was not guessed at. */
public final class UnsupportedMessageException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public UnsupportedMessageException(String message) {
    super(message);
  }
}
