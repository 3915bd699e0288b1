package io.holdfast.tools;

import io.holdfast.storage.error.HoldfastException;

/** What a command was asked about is not there. */
final class NotFoundException extends HoldfastException {
  private static final long serialVersionUID = 1L;

  NotFoundException(String message) {
    super(message);
  }
}
