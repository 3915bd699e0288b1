package io.holdfast.storage;

import io.holdfast.storage.error.NotAStoreException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** The places of things in a store's directory, and the test of whether a directory is a store. */
final class StoreDirectory {
  private static final String CONTROL = "store.ctl";
  private static final String TOPIC_FILE = "topic.properties";
  private static final String DELETED_FILE = "topic.deleted"; // what that is called then

  /** What a crash during the making of a store may leave; anything else is somebody else's. */
  private static final Set<String> OURS =
      Set.of(
          "store.lock",
          "store.owner",
          CONTROL + ".tmp",
          "topics",
          "pool",
          "groups",
          "quarantine");

  private final Path path;

  private StoreDirectory(Path path) {
    this.path = path;
  }

  /**
   * Takes a directory that is a store, or may become one.
   *
   * @param path is made when it is missing
   * @return the places in it
   * @throws NotAStoreException when it holds something else
   */
  static StoreDirectory checked(Path path) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new NotAStoreException(path + ": expected a directory, found a file");
    }
    DurableFiles.makeDirectories(path);
    if (!DurableFiles.isFile(path.resolve(CONTROL))) {
      for (Path entry : list(path)) {
        if (!OURS.contains(entry.getFileName().toString())) {
          throw new NotAStoreException(
              ("%s: expected a Holdfast store (with a file %s) or an empty directory, "
                      + "found '%s' in it")
                  .formatted(path, CONTROL, entry.getFileName()));
        }
      }
      DurableFiles.forceWayTo(path); // whoever made it may have been killed before it did
    }
    return new StoreDirectory(path);
  }

  /** Opens the control file, or makes a new store. The caller holds the lock. */
  ControlFile openControl() {
    Path file = path.resolve(CONTROL);
    for (Path part : List.of(topics(), pool(), path.resolve("groups"), quarantine())) {
      DurableFiles.makeDirectories(part);
    }
    DurableFiles.forceNames(path);
    DurableFiles.forceNames(topics());
    if (DurableFiles.exists(file)) {
      return ControlFile.read(file);
    }
    if (!topicNames().isEmpty()) {
      throw new NotAStoreException(
          path + ": expected the file " + CONTROL + " beside the topics, found none; "
              + "restore it from a backup");
    }
    return ControlFile.create(file);
  }

  Path path() {
    return path;
  }

  Path topics() {
    return path.resolve("topics");
  }

  Path pool() {
    return path.resolve("pool");
  }

  Path quarantine() {
    return path.resolve("quarantine");
  }

  Path topic(String name) {
    return topics().resolve(TopicName.check(name));
  }

  Path topicFile(String name) {
    return topic(name).resolve(TOPIC_FILE);
  }

  Path deletedFile(String name) {
    return topic(name).resolve(DELETED_FILE);
  }

  /** Names of the topics that were deleted, and whose files may still be there. */
  List<String> deletedNames() {
    List<String> names = new ArrayList<>();
    for (Path entry : list(topics())) {
      boolean deleted = DurableFiles.isFile(entry.resolve(DELETED_FILE));
      if (deleted && !DurableFiles.isFile(entry.resolve(TOPIC_FILE))) {
        names.add(TopicName.check(entry.getFileName().toString()));
      }
    }
    Collections.sort(names);
    return names;
  }

  /** Deletes the files of a topic that was deleted; what says so goes last. */
  void removeDeleted(String name) {
    for (Path entry : list(topic(name))) {
      if (!entry.equals(deletedFile(name))) {
        DurableFiles.deleteTree(entry);
      }
    }
    DurableFiles.forceNames(topic(name));
    DurableFiles.deleteTree(topic(name));
    DurableFiles.forceNames(topics());
  }

  /** Names of the topics: directories with a {@code topic.properties}. */
  List<String> topicNames() {
    List<String> names = new ArrayList<>();
    for (Path entry : list(topics())) {
      if (DurableFiles.isFile(entry.resolve(TOPIC_FILE))) {
        names.add(TopicName.check(entry.getFileName().toString()));
      }
    }
    Collections.sort(names);
    return names;
  }

  /** Makes a topic's directory, or empties one that an unfinished creation left. */
  Path makeTopic(String name) {
    Path topic = topic(name);
    if (DurableFiles.isDirectory(topic)) {
      DurableFiles.delete(topicFile(name)); // first: with it, and without a segment, it is damaged
      for (Path leftover : list(topic)) {
        DurableFiles.delete(leftover);
      }
    }
    DurableFiles.makeDirectories(topic);
    DurableFiles.forceNames(topics());
    return topic;
  }

  private static List<Path> list(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      found.forEach(entries::add);
    } catch (IOException e) {
      throw DurableFiles.failure(directory, "cannot be listed", e);
    }
    return entries;
  }
}
