package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** There is no group of this name in the store. */
public final class UnknownGroupException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public UnknownGroupException(String message) {
    super(message);
  }
}
