package io.holdfast.storage.error;

/** There was no room to prepare a file; nothing was written, and a later try may succeed. */
public class DiskFullException extends StorageIoException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DiskFullException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public DiskFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
