package io.holdfast.engine;

import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import io.holdfast.storage.error.TopicExistsException;
import java.util.TreeMap;

/**
 * The topic that takes what is sent while no group is there: made when it is first needed, as
 * durable as the one that it belongs to, without limits. Thread-safe.
 */
final class DeadTopic {
  private final Store store;
  private final String name;
  private final TopicSettings settings;
  private volatile TopicLog found; // written by whoever looks first, read by anybody

  DeadTopic(Store store, TopicLog source, String name) {
    TopicSettings of = source.settings();
    this.store = store;
    this.name = name;
    this.settings =
        new TopicSettings(
            of.durability(), of.segmentSize(), of.maxMessageSize(), new TreeMap<>());
  }

  TopicLog log() {
    TopicLog log = found;
    if (log == null) {
      log = store.topic(name).orElseGet(this::make);
      found = log;
    }
    return log;
  }

  private TopicLog make() {
    try {
      return store.createTopic(name, settings);
    } catch (TopicExistsException e) { // by somebody else, in the meantime
      return store.topic(name).orElseThrow(() -> e);
    }
  }
}
