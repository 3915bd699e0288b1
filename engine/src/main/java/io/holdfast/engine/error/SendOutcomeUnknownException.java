package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * Messages were appended but could not be confirmed: they may or may not be there after the next
 * open. Every other exception of a send is definite: nothing was written.
 */
public final class SendOutcomeUnknownException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened, and to which offsets
   * @param cause why the messages could not be confirmed; null where the time was over
   */
  public SendOutcomeUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
