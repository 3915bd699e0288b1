package io.holdfast.bench.quick;

import io.holdfast.storage.TopicLog;

/** The one place that frees what was read, so that rows with and without it differ in this only. */
final class Retention {
  /** What a report says beside the rows that would free something. */
  static final String NOTE = "storage frees no segments yet: ours keeps everything in each row";

  private Retention() {}

  /**
   * Frees the segments below an offset. Storage has no such call yet, so this keeps everything.
   *
   * @return the first offset that is kept
   */
  static long release(TopicLog topic, long offset) {
    return Math.min(topic.firstOffset(), offset);
  }
}
