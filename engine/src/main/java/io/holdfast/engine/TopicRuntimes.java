package io.holdfast.engine;

import io.holdfast.engine.group.InternalNames;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DamagedTopicException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.agrona.CloseHelper;

/** One {@link TopicRuntime} for each topic of the store that is open. Thread-safe. */
final class TopicRuntimes implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TopicRuntimes.class.getName());

  private final TopicServices services;
  private final Map<String, TopicRuntime> byName = new ConcurrentHashMap<>();

  TopicRuntimes(TopicServices services) {
    this.services = services;
  }

  /** Opens those of all topics, before any group and before anything can be appended. */
  void openAll() {
    Store store = services.store();
    for (String name : store.topicNames()) {
      try {
        store.topic(name).filter(log -> !Names.isTransactions(name)).ifPresent(this::open);
      } catch (DamagedTopicException e) { // the store has said so
        LOG.log(Level.DEBUG, "a topic that is refused has nothing open", e);
      }
    }
  }

  private void open(TopicLog log) {
    try {
      of(log);
    } catch (DamagedTopicException e) { // its configuration makes no sense
      LOG.log(Level.ERROR, "topic " + log.name() + " is refused, the others open", e);
    }
  }

  /** Returns that of a topic, which is opened where it is not: the engine makes topics, too. */
  TopicRuntime of(TopicLog log) {
    TopicRuntime found = byName.get(log.name());
    return found != null && found.log() == log ? found : byName.compute(log.name(), make(log));
  }

  /** Whether copies are on their way into a topic that the engine makes. */
  private boolean isWrittenTo(String name) {
    boolean isInternal = InternalNames.isDeadLetters(name) || InternalNames.isRetry(name);
    return isInternal
        && byName.values().stream()
            .flatMap(topic -> topic.groups().all().stream())
            .anyMatch(group -> group.writesTo(name));
  }

  /** Whoever had a topic in hand while it was deleted may have left one behind. */
  private BiFunction<String, TopicRuntime, TopicRuntime> make(TopicLog log) {
    return (name, found) -> {
      if (found != null && found.log() == log) {
        return found;
      }
      log.checkOpen(); // else it would take the place of its successor's
      if (found != null) {
        found.close();
      }
      return new TopicRuntime(log, services, () -> isWrittenTo(name));
    };
  }

  /** Closes that of a topic that is about to be deleted. */
  void remove(String topic) {
    TopicRuntime removed = byName.remove(topic);
    if (removed != null) {
      removed.close();
    }
  }

  /** A group has left a topic, and the device knows. */
  void left(String group, String topic) {
    TopicRuntime of = byName.get(topic);
    if (of != null) {
      of.groups().remove(group);
    }
  }

  List<TopicRuntime> all() {
    return List.copyOf(byName.values());
  }

  /** Closes all of them, after the groups and before the store. */
  @Override
  public void close() {
    List<TopicRuntime> open = new ArrayList<>(byName.values());
    byName.clear();
    CloseHelper.closeAll(open); // all of them, whatever one of them throws
  }
}
