package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * A delivery that a transaction acks is not this consumer's any more; nothing of the transaction
 * was done.
 */
public final class LeaseLostException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which delivery and what to do
   */
  public LeaseLostException(String message) {
    super(message);
  }
}
