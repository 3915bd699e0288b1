package io.holdfast.engine;

import io.holdfast.engine.delay.DelayLimits;
import io.holdfast.engine.group.GroupTimer;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.DamagedTopicException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.CloseHelper;

/** One {@link TopicRuntime} for each topic of the store that is open. Thread-safe. */
final class TopicRuntimes implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TopicRuntimes.class.getName());

  private final Map<String, TopicRuntime> byName = new ConcurrentHashMap<>();

  private final Store store;
  private final GroupTimer timer;
  private final DelayLimits limits;

  TopicRuntimes(Store store, GroupTimer timer, DelayLimits limits) {
    this.store = store;
    this.timer = timer;
    this.limits = limits;
  }

  /** Opens those of all topics, before any group and before anything can be appended. */
  void openAll() {
    for (String name : store.topicNames()) {
      try {
        store.topic(name).ifPresent(this::of);
      } catch (DamagedTopicException e) {
        LOG.log(Level.DEBUG, "a topic that is refused has nothing open", e);
      }
    }
  }

  /** Returns that of a topic, which is opened where it is not: the engine makes topics, too. */
  TopicRuntime of(TopicLog log) {
    return byName.computeIfAbsent(log.name(), name -> new TopicRuntime(log, store, timer, limits));
  }

  /** Closes that of a topic that is about to be deleted. */
  void remove(String topic) {
    TopicRuntime removed = byName.remove(topic);
    if (removed != null) {
      removed.close();
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
