package io.holdfast.storage.error;

/** A record that should be there does not carry its checksum, offset or type. */
public class DamagedRecordException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DamagedRecordException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public DamagedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
