package io.holdfast.engine.group;

import io.holdfast.storage.TopicLog;

/** Where in a topic a group may be. */
final class Place {
  private Place() {}

  /**
   * Returns the place that a group gets which asks for an offset: the oldest message where that one
   * is not kept any more, and the end of what it may see where that one is not there yet. A mark
   * beyond the end would hide the next messages if a crash took it back.
   */
  static long within(TopicLog log, long offset) {
    return Math.max(log.firstOffset(), Math.min(offset, log.visibleEnd()));
  }
}
