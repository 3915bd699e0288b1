package io.holdfast.bench;

/** An option of a run that cannot be taken; the message says what was expected. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
