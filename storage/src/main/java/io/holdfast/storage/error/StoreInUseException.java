package io.holdfast.storage.error;

/** The store is open already, here or in another process; the message names the holder. */
public class StoreInUseException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public StoreInUseException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public StoreInUseException(String message, Throwable cause) {
    super(message, cause);
  }
}
