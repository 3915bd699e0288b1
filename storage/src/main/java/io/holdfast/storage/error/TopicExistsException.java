package io.holdfast.storage.error;

/** A topic of this name, or of one that differs in case only, exists already. */
public class TopicExistsException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public TopicExistsException(String message) {
    super(message);
  }

  /**
   * Makes the error with what caused it.
   *
   * @param message what was expected, what was found, where, and what to do
   * @param cause what lies beneath
   */
  public TopicExistsException(String message, Throwable cause) {
    super(message, cause);
  }
}
