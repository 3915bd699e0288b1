package io.holdfast.storage.error;

/** A force failed, so what the device holds is unknown; the store refuses all further writes. */
public class StorePoisonedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public StorePoisonedException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public StorePoisonedException(String message, Throwable cause) {
    super(message, cause);
  }
}
