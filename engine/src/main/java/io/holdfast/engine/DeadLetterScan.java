package io.holdfast.engine;

import io.holdfast.engine.group.RedriveState;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.TopicLog;

/**
 * Goes once through the dead letters that were there when it began and have not been redriven
 * since. One thread at a time.
 */
final class DeadLetterScan implements AutoCloseable {
  private final TopicLog log;
  private final RedriveState state; // null where none was ever redriven
  private final long end;
  private final MessageView view;
  private LogReader reader; // made with the first letter
  private long next;
  private DeadLetter found;

  DeadLetterScan(TopicLog log, RedriveState state) {
    this.log = log;
    this.state = state;
    this.end = log.visibleEnd();
    this.view = new MessageView(log.name(), log.number());
  }

  /** Returns the next letter; null when there is none. */
  DeadLetter next() {
    while (true) {
      next = Math.max(next, log.firstOffset());
      next = state == null ? next : state.nextThere(next);
      if (next >= end) {
        return null;
      }
      if (reader == null) {
        reader = log.reader(next);
      } else if (reader.offset() != next) {
        reader.seek(next);
      }
      found = null;
      reader.poll(record -> found = DeadLetter.of(view.of(record), log.name()), 1);
      if (found != null && found.offset() == next) {
        next++;
        return found;
      }
      next = found == null ? reader.offset() : found.offset(); // behind messages that are missing
    }
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
    }
  }
}
