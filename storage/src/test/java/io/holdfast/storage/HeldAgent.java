package io.holdfast.storage;

import io.holdfast.storage.file.StoreAgent;
import java.util.concurrent.CompletableFuture;

/** One of a store's threads, held from doing what it is given until this is closed. */
final class HeldAgent implements AutoCloseable {
  private final CompletableFuture<Void> held = new CompletableFuture<>();
  private final CompletableFuture<Void> released = new CompletableFuture<>();

  /** Holds it behind what it was given before. */
  HeldAgent(StoreAgent agent) {
    agent.execute(
        () -> {
          held.complete(null);
          released.join();
        });
  }

  /** Returns once all of that was done. */
  HeldAgent reached() {
    held.join();
    return this;
  }

  @Override
  public void close() {
    released.complete(null);
  }
}
