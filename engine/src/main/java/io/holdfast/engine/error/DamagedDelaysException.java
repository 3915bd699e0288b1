package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * A file of a topic's delayed messages is not what it should be. What it held is found in the topic
 * again at the next opening.
 */
public final class DamagedDelaysException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DamagedDelaysException(String message) {
    super(message);
  }
}
