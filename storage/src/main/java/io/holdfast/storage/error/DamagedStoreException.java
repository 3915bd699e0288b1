package io.holdfast.storage.error;

/** A file that the whole store depends on is damaged; nothing was changed. */
public class DamagedStoreException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DamagedStoreException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public DamagedStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
