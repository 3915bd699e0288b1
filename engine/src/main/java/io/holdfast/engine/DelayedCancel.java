package io.holdfast.engine;

import io.holdfast.engine.delay.DelayIndex;
import io.holdfast.engine.message.AttributeLayout;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;

/** Cancels delayed messages: what the record says of its time counts. */
final class DelayedCancel {
  private DelayedCancel() {}

  static boolean cancel(TopicLog log, DelayIndex delays, long offset) {
    long end = log.visibleEnd();
    if (offset < 0 || offset >= end) {
      throw new IllegalArgumentException(
          "topic %s: expected the offset of a message, %d to %d, found %d"
              .formatted(log.name(), log.firstOffset(), end - 1, offset));
    }
    Time time = new Time();
    try (LogReader reader = log.reader(offset)) {
      reader.read(offset, time);
    }
    return time.deliverAt != 0 && delays.cancel(offset, time.deliverAt);
  }

  /** Reads the time of a message; 0 where it has none, or is lost. */
  private static final class Time implements RecordHandler {
    private long deliverAt;

    @Override
    public void onRecord(RecordView record) {
      deliverAt =
          AttributeReader.time(
              record.array(),
              record.attributesOffset(),
              record.attributesLength(),
              AttributeLayout.DELIVER_AT,
              0);
    }

    @Override
    public void onGap(long from, long to) {
      // It is lost, and no group gets it anyway.
    }
  }
}
