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
 * Since when the oldest message that is not done could be: the topic took it then, or it became
 * due. That is the first one from the low-water mark on whose time has come, which is read once for
 * each mark. Messages that are not due are passed by, so that a reminder neither looks like a
 * backlog nor hides one. The lock of the group and topic is held for every call.
 */
final class OldestMessage implements RecordHandler {
  private static final Logger LOG = System.getLogger(OldestMessage.class.getName());
  private static final int MOST = 1_000; // messages that are not due, in one look

  private final TopicLog log;
  private final TopicState state;
  private final RecordCandidate read;
  private long known = -1; // the mark that is due
  private long time; // of the last one read, epoch milliseconds

  OldestMessage(TopicLog log, TopicState state) {
    this.log = log;
    this.state = state;
    this.read = new RecordCandidate(log.name(), state.order);
  }

  /**
   * Returns the time; empty where nothing below the end is left. Where nothing is due, it is the
   * first time at which something will be.
   */
  Optional<Instant> since(long end, long now) {
    long mark = state.done.lowWaterMark();
    if (mark >= end) {
      return Optional.empty();
    }
    if (mark == known && time <= now) {
      return Optional.of(Instant.ofEpochMilli(time));
    }
    known = -1;
    try (LogReader reader = log.reader(Math.max(mark, log.firstOffset()))) {
      return find(reader, mark, end, now);
    } catch (HoldfastException e) {
      // Retention took it this moment, and the mark follows; or whoever uses the topic is told.
      LOG.log(Level.DEBUG, "the time of the oldest message is not known", e);
      return Optional.empty();
    }
  }

  private Optional<Instant> find(LogReader reader, long mark, long end, long now) {
    long earliest = Long.MAX_VALUE;
    long at = mark;
    for (int left = MOST; at < end && left >= 0 && readAt(reader, at); left--) {
      if (time <= now) {
        known = at == mark ? mark : -1;
        return Optional.of(Instant.ofEpochMilli(time));
      }
      earliest = Math.min(earliest, time);
      at = state.done.nextNotDone(at + 1);
      if (left == 1) {
        at = Math.max(at, state.nextOffset()); // those between were out, or are not due either
      }
    }
    return earliest == Long.MAX_VALUE
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(earliest));
  }

  /** Where the message is missing, the first one behind the gap stands for it. */
  private boolean readAt(LogReader reader, long offset) {
    long from = Math.max(offset, log.firstOffset());
    if (reader.offset() != from) {
      reader.seek(from);
    }
    time = -1;
    while (time < 0 && reader.poll(this, 1) > 0) {
      // a gap comes first
    }
    return time >= 0;
  }

  @Override
  public void onRecord(RecordView record) {
    read.at(record);
    time = Math.max(record.timestamp(), read.deliverAt());
  }

  @Override
  public void onGap(long from, long to) {
    // what is missing has no time
  }
}
