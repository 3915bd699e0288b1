package io.holdfast.storage.error;

/** The next segment was not ready in time; nothing was written, and a later try may succeed. */
public class RollTimeoutException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public RollTimeoutException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public RollTimeoutException(String message, Throwable cause) {
    super(message, cause);
  }
}
