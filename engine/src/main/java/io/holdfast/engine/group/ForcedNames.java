package io.holdfast.engine.group;

import io.holdfast.storage.file.DurableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Forces the names in directories of states, for an opening once each and many at the same time:
 * each force of a directory is a flush of the device, which takes one for several that wait.
 *
 * <p>What is remembered holds only while nothing but the opening works; {@link #forget} ends that.
 * A force that failed has failed for all who ask, and is never tried again. Thread-safe.
 */
public final class ForcedNames {
  private static final int THREADS = 4;
  private static final int FEW = 16; // so many are forced when each is opened

  private final Map<Path, CompletableFuture<Void>> known = new ConcurrentHashMap<>();
  private volatile boolean remembers;

  /** Remembers nothing yet. */
  public ForcedNames() {
    // The fields are set where they are declared.
  }

  /** From here on names are given by the opening alone. */
  public void remember() {
    remembers = true;
  }

  /** From here on every force is one. */
  public void forget() {
    remembers = false;
    known.clear();
  }

  /**
   * Begins to force the names in directories that will be opened, where they are many; waits until
   * all is done, but tells of failures only who asks for the directory.
   *
   * @param directories that exist
   */
  public void ahead(List<Path> directories) {
    if (!remembers || directories.size() <= FEW) {
      return;
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            THREADS,
            work -> {
              Thread thread = new Thread(work, "holdfast-recovery");
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (Path directory : directories) {
        Runnable force = () -> DurableFiles.forceNames(directory);
        known.computeIfAbsent(directory, d -> CompletableFuture.runAsync(force, threads));
      }
      directories.forEach(directory -> known.get(directory).handle((done, error) -> null).join());
    } finally {
      threads.shutdown();
    }
  }

  /**
   * Returns when the device has the names in a directory. On a thread that may do channel I/O.
   *
   * @param directory exists
   * @throws io.holdfast.storage.error.StorageIoException when the device did not take them
   */
  public void force(Path directory) {
    if (!remembers) {
      DurableFiles.forceNames(directory);
      return;
    }
    CompletableFuture<Void> own = new CompletableFuture<>();
    CompletableFuture<Void> other = known.putIfAbsent(directory, own);
    if (other != null) {
      join(other);
      return;
    }
    try {
      DurableFiles.forceNames(directory);
      own.complete(null);
    } catch (RuntimeException | Error e) {
      own.completeExceptionally(e);
      throw e;
    }
  }

  private static void join(CompletableFuture<Void> force) {
    try {
      force.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
