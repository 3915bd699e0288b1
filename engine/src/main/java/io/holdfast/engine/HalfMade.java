package io.holdfast.engine;

import io.holdfast.storage.Store;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The directory of a group without {@code group.properties}: that file comes last, so the group was
 * never made. What stands there must not become state of another group of the same name.
 */
final class HalfMade {
  private HalfMade() {}

  /** Deletes all that is in the directory; when this returns the device has none of it. */
  static void clear(Store store, Path group) {
    if (DurableFiles.isDirectory(group)) {
      store.onAgent(
          () -> {
            for (Path entry : entries(group)) {
              if (DurableFiles.isDirectory(entry)) {
                entries(entry).forEach(DurableFiles::delete);
              }
              DurableFiles.delete(entry);
            }
            return null;
          });
    }
  }

  private static List<Path> entries(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      found.forEach(entries::add);
    } catch (IOException e) {
      throw new StorageIoException(directory + ": cannot be listed: " + e.getMessage(), e);
    }
    return entries;
  }
}
