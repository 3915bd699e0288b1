package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * A topic remembers the sequences of as many producers as it may. Nothing was written; {@link
 * io.holdfast.engine.Topic#forgetProducer} makes room.
 */
public final class TooManyProducersException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public TooManyProducersException(String message) {
    super(message);
  }
}
