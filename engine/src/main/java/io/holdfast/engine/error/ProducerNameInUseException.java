package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A producer of this name is open on the topic. */
public final class ProducerNameInUseException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public ProducerNameInUseException(String message) {
    super(message);
  }
}
