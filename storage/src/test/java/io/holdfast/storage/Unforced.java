package io.holdfast.storage;

import io.holdfast.storage.error.RollTimeoutException;

/** Appends that nobody waits for on the device, and those that fill a segment. */
final class Unforced {
  private Unforced() {}

  /** Appends messages numbered by their offset, one by one. */
  static void append(TopicLog log, int count, int length) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < count; i++) {
      byte[] payload = LogFixture.message(log.endOffset(), length);
      batch.clear();
      batch.add(new byte[0], 0, payload, 0, payload.length);
      log.append(batch);
    }
  }

  /** Does so also where the next segment is not ready within a short time. */
  static void appendPatiently(TopicLog log, int count, int length) {
    long end = log.endOffset() + count;
    while (log.endOffset() < end) {
      try {
        append(log, 1, length);
      } catch (RollTimeoutException e) {
        Thread.onSpinWait(); // once more
      }
    }
  }

  /** Appends messages until the topic has rolled into a segment. */
  static void appendInto(TopicLog log, long number, int length) {
    while (log.segments().last().number() < number) {
      append(log, 1, length);
    }
  }
}
