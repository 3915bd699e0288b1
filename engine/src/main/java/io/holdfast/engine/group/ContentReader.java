package io.holdfast.engine.group;

import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.engine.message.MessageDecoder;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.error.OffsetDroppedException;

/** Reads single messages again by their offsets. Belongs to whoever holds the lock around it. */
final class ContentReader implements AutoCloseable {
  private final TopicLog log;
  private final String group;
  private final MessageDecoder decoder;
  private LogReader reader; // made when first needed

  ContentReader(TopicLog log, String group) {
    this.log = log;
    this.decoder = new MessageDecoder(log.name());
    this.group = group;
  }

  /**
   * Reads a message that a slot holds.
   *
   * @return null when it was lost before the topic was salvaged, or dropped
   * @throws UnsupportedMessageException when the topic should have it and does not
   */
  RecordContent read(long offset) {
    One one = new One();
    try {
      if (reader == null) {
        reader = log.reader(offset);
      }
      reader.read(offset, one);
    } catch (OffsetDroppedException e) {
      return null;
    }
    if (one.content == null && !one.lost) {
      throw new UnsupportedMessageException(
          log.name() + ": offset " + offset + " is in a slot of group " + group
              + " and cannot be read; run verify");
    }
    return one.content;
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  private final class One implements RecordHandler {
    private RecordContent content;
    private boolean lost;

    @Override
    public void onRecord(RecordView record) {
      content = RecordContent.of(record, decoder);
    }

    @Override
    public void onGap(long from, long to) {
      lost = true;
    }
  }
}
