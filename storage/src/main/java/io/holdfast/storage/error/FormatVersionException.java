package io.holdfast.storage.error;

/** A file was written in a format that this version of Holdfast cannot read or write. */
public class FormatVersionException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public FormatVersionException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public FormatVersionException(String message, Throwable cause) {
    super(message, cause);
  }
}
