package io.holdfast.engine;

import io.holdfast.engine.error.GroupExistsException;
import io.holdfast.engine.group.ForcedNames;
import io.holdfast.engine.group.GroupContext;
import io.holdfast.engine.group.InternalNames;
import io.holdfast.engine.group.StateCut;
import io.holdfast.engine.group.Suspects;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.InvalidNameException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.agrona.CloseHelper;

/**
 * The groups of a store, as they stand in its directory {@code groups}. A group exists if and only
 * if its {@code group.properties} does. Reading is thread-safe; the engine makes one group at a
 * time.
 */
final class GroupDirectory {
  private static final Logger LOG = System.getLogger(GroupDirectory.class.getName());

  private final Engine engine;
  private final Store store;
  private final Suspects suspects;
  private final ForcedNames forcedNames;
  private final Path root;
  private final BiFunction<String, GroupConfig, GroupContext> contexts;
  private final NavigableMap<String, Group> groups = new ConcurrentSkipListMap<>();
  private boolean isWhole = true; // written and read by the thread that opens the engine
  private final Map<String, HoldfastException> refused = new ConcurrentHashMap<>(); // set at open

  GroupDirectory(
      Engine engine,
      Store store,
      Suspects suspects,
      ForcedNames forcedNames,
      BiFunction<String, GroupConfig, GroupContext> contexts) {
    this.engine = engine;
    this.store = store;
    this.suspects = suspects;
    this.forcedNames = forcedNames;
    this.root = store.directory().resolve("groups");
    this.contexts = contexts;
  }

  /**
   * Opens all groups on all their topics, before anything can be appended: what lies above the
   * recovered end of a topic must be gone by then.
   */
  void openAll() {
    forcedNames.remember();
    try {
      openEach();
    } finally {
      forcedNames.forget();
    }
  }

  /** Says who may have killed the last process: may write dead letters. */
  void judge() {
    suspects.judge();
  }

  private void openEach() {
    if (DurableFiles.isDirectory(root)) {
      forceNames(root);
    }
    for (Path directory : directories(root)) {
      String name = directory.getFileName().toString();
      if (DurableFiles.isFile(file(name))) {
        try {
          open(name, GroupConfigFile.read(file(name)));
        } catch (HoldfastException e) {
          refused.put(name, e);
          incomplete();
          directories(root.resolve(name)).forEach(this::noteEnd);
          directories(redriven(name)).forEach(this::noteEnd);
          LOG.log(Level.ERROR, "group " + name + " is refused; the other groups are open", e);
        }
      }
    }
  }

  /**
   * A killed process may have given names that the device does not have yet. What is found under
   * them counts from now on, so a power cut must not take them away.
   */
  private void forceNames(Path directory) {
    store.onAgent(
        () -> {
          forcedNames.force(directory);
          return null;
        });
  }

  private void incomplete() {
    isWhole = false;
    suspects.incomplete();
  }

  /** Whether all groups and all of their states could be opened. */
  boolean isWhole() {
    return isWhole;
  }

  /** Returns the group; a damaged one gives its error. */
  Optional<Group> get(String name) {
    HoldfastException error = refused.get(name);
    if (error != null) {
      throw error;
    }
    return Optional.ofNullable(groups.get(name));
  }

  /** Returns the group where it is open. */
  Optional<Group> find(String name) {
    return Optional.ofNullable(groups.get(name));
  }

  /** Has a group be gone, once this returns; it is closed by then. Its other files are left. */
  void delete(String name) {
    store.onAgent(
        () -> {
          DurableFiles.rename(file(name), root.resolve(name).resolve(Leftovers.DELETED));
          return null;
        });
    groups.remove(name);
    refused.remove(name);
  }

  /** Returns the group of this configuration, made where there is none. */
  Group getOrMake(String name, GroupConfig config) {
    Optional<Group> existing = get(name);
    if (existing.isPresent()) {
      Differences.refuse(
          "group " + name,
          GroupConfigFile.toProperties(existing.get().config()),
          GroupConfigFile.toProperties(config),
          ", or change what may be changed with group.update(config)");
      return existing.get();
    }
    checkCase(name);
    new Leftovers(store).group(name); // of an earlier one, where that has failed
    HalfMade.clear(store, root.resolve(name));
    SortedSet<TopicPattern> none = Collections.emptySortedSet();
    store.onAgent(
        () -> {
          DurableFiles.makeDirectories(root.resolve(name));
          DurableFiles.forceNames(root); // it may have been made by whoever failed after that
          GroupConfigFile.write(file(name), config, none);
          return null;
        });
    Group group = new Group(engine, contexts.apply(name, config), root.resolve(name), none);
    groups.put(name, group);
    group.expiry().open();
    return group;
  }

  /**
   * Makes a group that is done with what another one is done with. Its {@code group.properties}
   * comes last: before, there is no such group.
   */
  Group fork(Group source, String name) {
    if (names().contains(name)) {
      throw new GroupExistsException(
          "there is a group " + name + " in " + store.directory() + "; " + source
              + " can be copied to a group of another name only");
    }
    checkCase(name);
    Path directory = root.resolve(name);
    new Leftovers(store).group(name); // of an earlier one, where that has failed
    HalfMade.clear(store, directory);
    store.onAgent(
        () -> {
          DurableFiles.makeDirectories(directory);
          DurableFiles.forceNames(root);
          return null;
        });
    source.copyTo(directory, () -> begin(source, name));
    return groups.get(name);
  }

  /** A group whose states are there begins to exist. */
  private void begin(Group source, String name) {
    GroupConfigFile.Content content =
        new GroupConfigFile.Content(source.config(), source.patternSet());
    store.onAgent(
        () -> {
          GroupConfigFile.write(file(name), content.config(), content.patterns());
          return null;
        });
    open(name, content);
  }

  private void checkCase(String name) {
    for (String other : names()) {
      if (other.equalsIgnoreCase(name)) {
        throw new InvalidNameException(
            "group name '" + name + "' differs from the existing '" + other + "' in case only");
      }
    }
  }

  /** Stores what holds for a group from now on, then has it hold. */
  void store(Group group, GroupConfig config, SortedSet<TopicPattern> patterns) {
    store.onAgent(
        () -> {
          GroupConfigFile.write(file(group.name()), config, patterns);
          return null;
        });
    group.patternSet(patterns);
    if (!config.equals(group.config())) {
      group.configure(config);
    }
  }

  List<String> names() {
    TreeSet<String> names = new TreeSet<>();
    groups.keySet().forEach(names::add); // one by one: some may go meanwhile
    names.addAll(refused.keySet());
    return List.copyOf(names);
  }

  List<Group> all() {
    return List.copyOf(groups.values());
  }

  void closeAll() {
    List<AutoCloseable> closings = new ArrayList<>();
    groups.values().forEach(group -> closings.add(group::close));
    CloseHelper.closeAll(closings); // all of them, whatever one of them throws
  }

  private void open(String name, GroupConfigFile.Content stored) {
    forceNames(root.resolve(name));
    if (DurableFiles.isDirectory(redriven(name))) {
      forceNames(redriven(name));
    }
    GroupContext context = contexts.apply(name, stored.config());
    Group group = new Group(engine, context, root.resolve(name), stored.patterns());
    groups.put(name, group);
    Set<String> topics = topicsOf(root.resolve(name));
    forcedNames.ahead(topics.stream().map(topic -> root.resolve(name).resolve(topic)).toList());
    // What was redriven is received even if the state of the group there is gone; and a topic may
    // have been made, and the group not joined.
    for (String topic : store.topicNames()) {
      if (InternalNames.isRetryOf(topic, name) || Joining.matches(stored.patterns(), topic)) {
        topics.add(topic);
      }
    }
    for (String topic : topics) {
      if (!attach(group, topic, root.resolve(name), "cannot receive from", group::attach)) {
        incomplete();
      }
    }
    group.expiry().open();
    for (String topic : topicsOf(redriven(name))) {
      attach(group, topic, redriven(name), "cannot redrive", group::attachRedrive);
    }
  }

  private static Set<String> topicsOf(Path states) {
    Set<String> topics = new TreeSet<>();
    for (Path directory : directories(states)) {
      String topic = directory.getFileName().toString();
      if (topic.indexOf('~') < 0) {
        topics.add(topic);
      }
    }
    return topics;
  }

  /**
   * A topic or a state that is refused costs the group that topic, and nobody else anything.
   * Returns whether none was.
   */
  private boolean attach(
      Group group, String topic, Path states, String failure, Consumer<TopicLog> open) {
    try {
      Optional<TopicLog> log = store.topic(topic);
      if (log.isPresent()) {
        open.accept(log.get());
      } else {
        LOG.log(Level.WARNING, group + " has state for topic " + topic + ", which is not there");
      }
      return true;
    } catch (HoldfastException e) {
      LOG.log(Level.ERROR, group + " " + failure + " topic " + topic, e);
      noteEnd(states.resolve(topic));
      return false;
    }
  }

  /** For the day on which the state is repaired: what lies above belongs to other messages. */
  private void noteEnd(Path state) {
    try {
      store
          .topic(state.getFileName().toString())
          .ifPresent(
              log -> {
                engine.runtime(log).groups().refuse(state.getParent().getFileName().toString());
                store.onAgent(
                    () -> {
                      StateCut.note(state, log.endOffset());
                      return null;
                    });
              });
    } catch (DamagedTopicException e) {
      LOG.log(Level.DEBUG, "nothing is appended to a topic that is refused", e);
    }
  }

  private Path redriven(String group) {
    return root.resolve(InternalNames.redriveState(group));
  }

  private Path file(String group) {
    return root.resolve(group).resolve(GroupConfigFile.NAME);
  }

  private static Iterable<Path> directories(Path of) {
    Map<String, Path> found = new TreeMap<>();
    if (DurableFiles.isDirectory(of)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(of)) {
        for (Path entry : entries) {
          if (DurableFiles.isDirectory(entry)) {
            found.put(entry.getFileName().toString(), entry);
          }
        }
      } catch (IOException e) {
        throw new StorageIoException(of + ": cannot be listed: " + e.getMessage(), e);
      }
    }
    return found.values();
  }
}
