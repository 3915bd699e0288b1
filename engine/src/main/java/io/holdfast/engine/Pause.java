package io.holdfast.engine;

import io.holdfast.storage.Store;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whether a group is paused: it is while the file {@code ~paused} stands in its directory, whatever
 * that says. Thread-safe.
 */
final class Pause {
  private static final String NAME = "~paused"; // no topic has such a name

  private final Store store;
  private final Path file;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile boolean paused; // written under the lock

  Pause(Store store, Path group) {
    this.store = store;
    this.file = group.resolve(NAME);
    this.paused = DurableFiles.exists(file);
  }

  boolean isPaused() {
    return paused;
  }

  /** When this returns the device has it; where it throws, either may be so at the next opening. */
  void set(boolean wanted) {
    changing.lock();
    try {
      if (paused != wanted) {
        store.onAgent(
            () -> {
              if (wanted) {
                PropertiesFile.write(file, new TreeMap<>());
              } else {
                DurableFiles.delete(file);
              }
              return null;
            });
        paused = wanted;
      }
    } finally {
      changing.unlock();
    }
  }
}
