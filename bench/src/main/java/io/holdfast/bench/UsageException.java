package io.holdfast.bench;

/** An option of a run that cannot be taken; the message says what was expected. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Made where an option is read.
   *
   * @param message names the option, what was expected and what was found
   */
  public UsageException(String message) {
    super(message);
  }
}
