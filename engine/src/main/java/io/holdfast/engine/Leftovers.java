package io.holdfast.engine;

import io.holdfast.engine.group.InternalNames;
import io.holdfast.storage.Store;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Deletes the files of what does not exist any more: of topics, of groups, and of groups on topics
 * that they have left. Nobody has them open. What is called twice finds nothing, so that an opening
 * ends what a crash cut short.
 */
final class Leftovers {
  /** What {@code group.properties} is called once the group was deleted; no topic is. */
  static final String DELETED = "~deleted";

  /** How the name of a state begins that a group has left; no topic has such a name. */
  private static final String LEFT = "~left.";

  private final Store store;
  private final Path root;

  Leftovers(Store store) {
    this.store = store;
    this.root = store.directory().resolve("groups");
  }

  /** Ends the deletions that the last process began; before anything else is opened. */
  void clear() {
    store.deletion().unfinished().forEach(this::topic);
    for (Path group : entries(root)) {
      if (DurableFiles.isFile(group.resolve(DELETED))) {
        group(group.getFileName().toString());
      }
      for (Path state : entries(group)) {
        if (state.getFileName().toString().startsWith(LEFT)) {
          delete(state);
        }
      }
    }
  }

  /** Ends the deletion of a topic that is gone: its internal topics, its states, then its files. */
  void topic(String topic) {
    for (String name : store.topicNames()) {
      if (InternalNames.isOf(name, topic)) {
        internalTopic(name);
      }
    }
    states(topic);
    store.deletion().finish(topic);
  }

  /** Deletes a topic of the engine that nobody has open, with the states there. */
  void internalTopic(String name) {
    store.deletion().begin(name);
    states(name);
    store.deletion().finish(name);
  }

  /** The states of all groups on a topic, and what the engine keeps of it beside. */
  private void states(String topic) {
    for (Path group : entries(root)) {
      delete(group.resolve(topic));
    }
    delete(store.directory().resolve("delays").resolve(topic));
    delete(store.directory().resolve("dedup").resolve(topic));
  }

  /** Ends the deletion of a group that is gone; the mark that says so goes last. */
  void group(String group) {
    Path directory = root.resolve(group);
    if (!DurableFiles.isFile(directory.resolve(DELETED))) {
      return;
    }
    for (String topic : store.topicNames()) {
      if (InternalNames.isRetryOf(topic, group)) {
        internalTopic(topic);
      }
    }
    delete(root.resolve(InternalNames.redriveState(group)));
    for (Path entry : entries(directory)) {
      if (!entry.endsWith(DELETED)) {
        delete(entry);
      }
    }
    delete(directory);
  }

  /** A group has left a topic, or forgets its redrives: after the rename its state is gone. */
  void pair(String group, String topic) {
    Path state = root.resolve(group).resolve(topic);
    Path left = state.resolveSibling(LEFT + topic);
    if (DurableFiles.isDirectory(state)) {
      delete(left); // of an earlier time, whose deletion has failed
      store.onAgent(
          () -> {
            DurableFiles.rename(state, left);
            return null;
          });
      delete(left);
    }
  }

  /** Forces the names, else a power cut might bring back some of them after the mark is gone. */
  private void delete(Path path) {
    if (DurableFiles.exists(path)) {
      store.onAgent(
          () -> {
            DurableFiles.deleteTree(path);
            DurableFiles.forceNames(path.getParent());
            return null;
          });
    }
  }

  private static List<Path> entries(Path directory) {
    TreeMap<String, Path> entries = new TreeMap<>();
    if (DurableFiles.isDirectory(directory)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
        found.forEach(entry -> entries.put(entry.getFileName().toString(), entry));
      } catch (IOException e) {
        throw new StorageIoException(directory + ": cannot be listed: " + e.getMessage(), e);
      }
    }
    return new ArrayList<>(entries.values());
  }
}
