package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holdfast.storage.error.StorePoisonedException;

/**
 * A store that a test poisons: its close has to say so.
 *
 * @param store that is closed with it
 */
record Poisoned(Store store) implements AutoCloseable {
  @Override
  public void close() {
    assertThrows(StorePoisonedException.class, store::close);
  }
}
