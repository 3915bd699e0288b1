package io.holdfast.engine.error;

import io.holdfast.storage.error.HoldfastException;

/** A file of a group's state is not what it should be; the group is refused on that topic. */
public final class DamagedGroupException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and what to do
   */
  public DamagedGroupException(String message) {
    super(message);
  }
}
