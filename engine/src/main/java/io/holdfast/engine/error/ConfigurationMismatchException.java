package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A topic or group of this name exists with another configuration. */
public final class ConfigurationMismatchException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public ConfigurationMismatchException(String message) {
    super(message);
  }
}
