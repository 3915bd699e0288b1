package io.holdfast.storage.fuzz;

import io.holdfast.storage.Durability;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.format.IndexLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.agrona.concurrent.CachedEpochClock;

/**
 * The files of a small closed store, as the changes of a fuzzer begin with them: a topic {@code t}
 * with a sealed segment and one that is written to, of 12 KiB each, and five messages.
 */
public final class FuzzStore {
  /** Messages in the topic. */
  public static final int MESSAGES = 5;

  private FuzzStore() {}

  /**
   * Makes the store.
   *
   * @return content by path in the store
   */
  public static Map<String, byte[]> files() {
    CrashFileSystem disk = CrashFileSystem.create();
    UUID id;
    try (Store store = Store.open(directory(disk), config())) {
      id = store.id();
      store.createTopic(
          "t", new TopicSettings(Durability.powerLoss(), 1 << 20, 8_000, new TreeMap<>()));
    }
    Map<String, byte[]> files = read(directory(disk));
    files.keySet().removeIf(name -> name.startsWith("store.") && !name.equals("store.ctl"));
    files.put(
        "topics/t/0000000001.log", new SegmentImage(id, 1, 1, 0).messages(3).seal(3).signed());
    files.put("topics/t/0000000002.log", new SegmentImage(id, 1, 2, 3).messages(2).signed());
    files.put("topics/t/0000000001.idx", new byte[IndexLayout.capacity(SegmentImage.CAPACITY)]);
    return files;
  }

  /**
   * How it is opened.
   *
   * @return with a clock that stands still
   */
  public static StoreConfig config() {
    CachedEpochClock clock = new CachedEpochClock();
    clock.update(2_000_000);
    return new StoreConfig(clock);
  }

  /**
   * Where the store is.
   *
   * @param disk that holds it
   * @return its directory
   */
  public static Path directory(CrashFileSystem disk) {
    return disk.getPath("/store");
  }

  /**
   * Reads all files of a directory, and of those in it.
   *
   * @param directory of a store
   * @return content by path
   */
  public static Map<String, byte[]> read(Path directory) {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /**
   * Puts files into a directory.
   *
   * @param files content by path
   * @param directory is made
   */
  public static void write(Map<String, byte[]> files, Path directory) {
    try {
      Files.createDirectories(directory);
      for (String parent : parents(files)) {
        Files.createDirectories(directory.resolve(parent));
      }
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(directory.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TreeSet<String> parents(Map<String, byte[]> files) {
    TreeSet<String> parents = new TreeSet<>();
    for (String name : files.keySet()) {
      int slash = name.lastIndexOf('/');
      if (slash > 0) {
        parents.add(name.substring(0, slash));
      }
    }
    return parents;
  }
}
