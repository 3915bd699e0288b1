package io.holdfast.storage.error;

/** A topic was deleted while somebody had it in hand. */
public class TopicDeletedException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the error.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public TopicDeletedException(String message) {
    super(message);
  }
}
