package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A group cannot be made because there is one of this name. */
public final class GroupExistsException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public GroupExistsException(String message) {
    super(message);
  }
}
