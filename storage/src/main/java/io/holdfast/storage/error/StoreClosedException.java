package io.holdfast.storage.error;

/** The store, or what was opened from it, has been closed. */
public class StoreClosedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public StoreClosedException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public StoreClosedException(String message, Throwable cause) {
    super(message, cause);
  }
}
