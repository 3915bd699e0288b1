package io.holdfast.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A new directory that a measurement works in, removed with all that it holds when it is closed or
 * the JVM is told to end.
 */
public final class WorkDirectory implements AutoCloseable {
  /** While the JVM ends, its threads may still make files: so often is the removal tried. */
  private static final int LAST_TRIES = 5;

  private final Path path;
  private final Runnable beforeExit;
  private final Thread lastResort = new Thread(this::removeAtExit);

  /**
   * Makes it.
   *
   * @param parent says which file system is measured
   * @throws UncheckedIOException when it cannot be made there
   */
  public WorkDirectory(Path parent) {
    this(parent, () -> {});
  }

  /**
   * Makes it.
   *
   * @param parent says which file system is measured
   * @param beforeExit run before the removal when the JVM is told to end: stops what still writes
   * @throws UncheckedIOException when it cannot be made there
   */
  public WorkDirectory(Path parent, Runnable beforeExit) {
    this.beforeExit = beforeExit;
    try {
      path = Files.createTempDirectory(parent.toAbsolutePath().normalize(), "holdfast-bench-");
    } catch (IOException e) {
      throw new UncheckedIOException(parent + ": no directory can be made there: " + e, e);
    }
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /**
   * Refuses a place in which a measurement would not find room.
   *
   * @param parent as the user gave it
   * @param bytes that are needed there
   * @param help what to do where they are not there
   * @throws UsageException with what was found
   * @throws IOException when the file system does not say
   */
  static void checkRoom(Path parent, long bytes, String help) throws IOException {
    if (!Files.isDirectory(parent) || !Files.isWritable(parent)) {
      throw new UsageException(
          "--dir: expected a directory to write to, found '%s'".formatted(parent));
    }
    long room = Files.getFileStore(parent).getUsableSpace();
    if (room < bytes) {
      throw new UsageException(
          "--dir: expected room for %d MiB, found %d MiB in '%s'; %s"
              .formatted(bytes >> 20, room >> 20, parent, help));
    }
  }

  /**
   * Where it is.
   *
   * @return its absolute path
   */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(lastResort);
    try {
      remove();
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be removed: " + e, e);
    }
  }

  private void removeAtExit() {
    beforeExit.run();
    IOException last = null;
    for (int i = 0; i < LAST_TRIES && Files.exists(path); i++) {
      try {
        remove();
      } catch (IOException e) {
        last = e;
      }
    }
    if (Files.exists(path)) {
      System.err.println(path + ": could not be removed: " + last);
    }
  }

  private void remove() throws IOException {
    removeTree(path);
  }

  /**
   * Removes a directory with all that it holds.
   *
   * @param root the directory
   * @throws IOException when something cannot be removed
   */
  public static void removeTree(Path root) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(root)) {
      all = tree.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }
}
