package io.holdfast.storage.error;

/** The message is over a limit of its topic; nothing was written. */
public class MessageTooLargeException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public MessageTooLargeException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public MessageTooLargeException(String message, Throwable cause) {
    super(message, cause);
  }
}
