package io.holdfast.bench.quick;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Has the kernel forget the content of files, so that who reads them next waits for the device. It
 * takes the commands {@code sync} and GNU {@code dd}; no privilege.
 */
final class PageCache {
  private static final long PATIENCE_MINUTES = 5;

  private PageCache() {}

  /**
   * Forgets all files below a directory, which no process may have mapped.
   *
   * @return false when a command failed, and some may still be in memory
   */
  static boolean forget(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(directory)) {
      files = tree.filter(Files::isRegularFile).toList();
    }
    List<String> sync = new ArrayList<>(List.of("sync")); // only clean pages can be forgotten
    files.forEach(file -> sync.add(file.toString()));
    boolean done = succeeds(sync);
    for (Path file : files) {
      done = done && succeeds(List.of("dd", "if=" + file, "iflag=nocache", "count=0"));
    }
    return done;
  }

  private static boolean succeeds(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false; // there is no such command here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
