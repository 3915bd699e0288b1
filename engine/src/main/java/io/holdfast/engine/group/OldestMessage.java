package io.holdfast.engine.group;

import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * When the topic took the oldest message that is not done: the time of the record at the low-water
 * mark, which is read once for each mark. The lock of the group and topic is held for every call.
 */
final class OldestMessage implements RecordHandler {
  private static final Logger LOG = System.getLogger(OldestMessage.class.getName());

  private final TopicLog log;
  private long known = -1; // the mark that the time belongs to
  private long time; // epoch milliseconds

  OldestMessage(TopicLog log) {
    this.log = log;
  }

  /** Returns the time; empty where nothing below the end is left. */
  Optional<Instant> since(long mark, long end) {
    if (mark >= end) {
      return Optional.empty();
    }
    if (mark != known && !read(mark)) {
      return Optional.empty();
    }
    return Optional.of(Instant.ofEpochMilli(time));
  }

  /** Where the message is missing, the first one behind the gap stands for it. */
  private boolean read(long mark) {
    known = -1;
    try (LogReader reader = log.reader(Math.max(mark, log.firstOffset()))) {
      while (known < 0 && reader.poll(this, 1) > 0) {
        known = mark;
      }
    } catch (HoldfastException e) {
      // Retention took it this moment, and the mark follows; or whoever uses the topic is told.
      LOG.log(Level.DEBUG, "the time of the oldest message is not known", e);
      return false;
    }
    return known >= 0;
  }

  @Override
  public void onRecord(RecordView record) {
    time = record.timestamp();
  }

  @Override
  public void onGap(long from, long to) {
    // what is missing has no time
  }
}
