package io.holdfast.engine;

import io.holdfast.storage.TopicLog;

/**
 * What the engine keeps of one open topic beside its log, for all groups together. There is one for
 * each topic, from the opening of the store or the making of the topic until the engine is closed
 * or the topic deleted. Thread-safe.
 */
final class TopicRuntime implements AutoCloseable {
  private final TopicLog log;

  TopicRuntime(TopicLog log) {
    this.log = log;
  }

  TopicLog log() {
    return log;
  }

  /** Unmaps and ends what belongs to the topic; no group is on it any more. */
  @Override
  public void close() {
    // The log itself is closed by the store.
  }

  @Override
  public String toString() {
    return "topic " + log.name();
  }
}
