package io.holdfast.storage.fuzz;

import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Copies in memory of one store, each with the changes that an input asks for. Immutable. */
public final class FuzzDisk {
  private final Map<String, byte[]> files;
  private final CrashPoint point;

  /**
   * Takes the files of a store.
   *
   * @param files content by path in the store
   */
  public FuzzDisk(Map<String, byte[]> files) {
    CrashFileSystem disk = CrashFileSystem.create();
    FuzzStore.write(files, FuzzStore.directory(disk));
    this.files = Map.copyOf(files);
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
