package io.holdfast.storage.fuzz;

import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** Copies in memory of one store, each with the changes that an input asks for. Immutable. */
public final class FuzzDisk {
  private final Map<String, byte[]> files; // those that are changed
  private final CrashPoint point;

  /**
   * Takes the files of a store.
   *
   * @param files content by path in the store
   */
  public FuzzDisk(Map<String, byte[]> files) {
    this(files, "");
  }

  /**
   * Takes the files of a store, of which some are changed.
   *
   * @param files content by path in the store
   * @param below where those stand that are changed
   */
  public FuzzDisk(Map<String, byte[]> files, String below) {
    CrashFileSystem disk = CrashFileSystem.create();
    FuzzStore.write(files, FuzzStore.directory(disk));
    this.files =
        files.entrySet().stream()
            .filter(file -> file.getKey().startsWith(below))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    this.point = disk.point();
  }

  /**
   * Makes a copy.
   *
   * @param input read by {@link FuzzEdits}
   * @return the directory of the store, in a file system of its own
   */
  public Path changed(byte[] input) {
    CrashFileSystem disk = point.killed();
    Path store = FuzzStore.directory(disk);
    try {
      for (Map.Entry<String, byte[]> file : FuzzEdits.apply(files, input).entrySet()) {
        if (file.getValue() != files.get(file.getKey())) {
          Files.write(store.resolve(file.getKey()), file.getValue());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return store;
  }
}
