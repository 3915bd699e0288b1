package io.holdfast.storage.error;

/** The root of every error that Holdfast throws on purpose. */
public class HoldfastException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public HoldfastException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public HoldfastException(String message, Throwable cause) {
    super(message, cause);
  }
}
