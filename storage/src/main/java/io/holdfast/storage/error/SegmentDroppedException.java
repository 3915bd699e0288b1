package io.holdfast.storage.error;

/** A segment was dropped by the process that owns its store while somebody else read its file. */
public final class SegmentDroppedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public SegmentDroppedException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public SegmentDroppedException(String message, Throwable cause) {
    super(message, cause);
  }
}
