package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A transaction has no room for one more message or ack; it is as it was before. */
public final class TransactionTooLargeException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which limit and what to do
   */
  public TransactionTooLargeException(String message) {
    super(message);
  }
}
