package io.holdfast.storage.error;

/**
 * Records that were confirmed are damaged or missing, or a file of the topic cannot be read, or is
 * of a newer format: this one topic is refused, the others are open.
 */
public class DamagedTopicException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DamagedTopicException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public DamagedTopicException(String message, Throwable cause) {
    super(message, cause);
  }
}
