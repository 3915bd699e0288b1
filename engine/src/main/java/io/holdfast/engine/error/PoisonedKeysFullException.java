package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** Too many keys of a group wait for somebody to resume them; no further one can be noted. */
public final class PoisonedKeysFullException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public PoisonedKeysFullException(String message) {
    super(message);
  }
}
