package io.holdfast.engine;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;

/**
 * A reader goes through a topic in order, from where it is told, without a group: it takes nothing
 * away from anybody, holds nothing back, and nothing is remembered of it. One thread at a time.
 *
 * <p>Messages of powerLoss topics are seen once they are durable.
 */
public final class Reader implements AutoCloseable {
  private final TopicLog log;
  private final MessageView view;
  private LogReader reader; // made once there is a message to read
  private long next;
  private boolean closed;

  Reader(TopicLog log, StartAt start) {
    this.log = log;
    this.view = new MessageView(log.name(), log.number());
    this.next = start.offsetIn(log);
  }

  /**
   * Calls the handler for the messages that follow, in order. Does not wait.
   *
   * <p>If the handler throws, the exception goes to the caller and the next poll begins with the
   * message behind the one that failed.
   *
   * @param handler called for each message, and for each range of messages that are missing
   * @param limit most messages to handle
   * @return how many were handled; 0 when there is none behind the last one
   * @throws io.holdfast.storage.error.DamagedRecordException when a message is damaged
   * @throws AlreadyClosedException when the reader is closed
   * @throws io.holdfast.storage.error.StoreClosedException when its engine is closed
   */
  public int poll(MessageHandler handler, int limit) {
    if (closed) {
      throw new AlreadyClosedException("the reader of topic " + log.name() + " is closed");
    }
    log.checkOpen();
    if (next >= log.visibleEnd()) {
      return 0;
    }
    if (reader == null) {
      reader = log.reader(next);
    }
    try {
      if (reader.offset() > next) {
        handler.onGap(next, reader.offset()); // it was sent into one
      }
      return reader.poll(new Records(handler), limit);
    } finally {
      next = reader.offset();
    }
  }

  /** Hands records over as messages. */
  private final class Records implements RecordHandler {
    private final MessageHandler handler;

    Records(MessageHandler handler) {
      this.handler = handler;
    }

    @Override
    public void onRecord(RecordView record) {
      handler.onMessage(view.of(record));
    }

    @Override
    public void onGap(long from, long to) {
      handler.onGap(from, to);
    }
  }

  /**
   * Returns the offset that is read next.
   *
   * @return behind the last message that was handled
   */
  public long offset() {
    return next;
  }

  /** Ends the reader. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
