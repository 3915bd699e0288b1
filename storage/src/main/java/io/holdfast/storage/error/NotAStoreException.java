package io.holdfast.storage.error;

/** The directory holds something, but not a Holdfast store. */
public class NotAStoreException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public NotAStoreException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public NotAStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
