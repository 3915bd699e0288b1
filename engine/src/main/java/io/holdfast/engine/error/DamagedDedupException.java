package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/**
 * A file or a table of what a topic remembers of its producers and of the ids of messages is not
 * what it should be.
 */
public final class DamagedDedupException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DamagedDedupException(String message) {
    super(message);
  }
}
