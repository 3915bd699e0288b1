package io.holdfast.storage.error;

/** The name does not fit the pattern for its kind. */
public class InvalidNameException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public InvalidNameException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public InvalidNameException(String message, Throwable cause) {
    super(message, cause);
  }
}
