package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * A transaction is committed, and not to be repeated; but not all of its messages could be put into
 * their topics yet. The engine tries again each second, and the next opening does.
 */
public final class TransactionHeldException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which topic and why
   * @param cause what was in the way
   */
  public TransactionHeldException(String message, Throwable cause) {
    super(message, cause);
  }
}
