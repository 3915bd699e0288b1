package io.holdfast.storage.error;

/** The operating system failed a call on a file of the store. */
public class StorageIoException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public StorageIoException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public StorageIoException(String message, Throwable cause) {
    super(message, cause);
  }
}
