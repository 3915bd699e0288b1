package io.holdfast.storage.error;

/**
 * An offset is not kept any more: retention dropped its segment. The topic's first offset is the
 * next one to read.
 */
public class OffsetDroppedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public OffsetDroppedException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public OffsetDroppedException(String message, Throwable cause) {
    super(message, cause);
  }
}
