package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A wait ended because its thread was interrupted; the flag is set, nothing was changed. */
public final class HoldfastInterruptedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public HoldfastInterruptedException(String message) {
    super(message);
  }
}
