package io.holdfast.engine.group;

import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.Place;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.RecordView;
import java.time.Instant;

/**
 * A record that was read, copied out of the reader.
 *
 * @param origin null unless it was redriven; {@code sent} is then what was sent there
 */
record RecordContent(
    long offset, long timestamp, int writerEpoch, SentMessage sent, Origin origin) {
  static RecordContent of(RecordView record, String topic) {
    SentMessage sent = sent(record, topic);
    Origin origin = null;
    if (InternalNames.isRetry(topic)) {
      origin = RedrivenMessage.origin(sent.message(), topic + " at offset " + record.offset());
      sent = RedrivenMessage.original(sent.message());
    }
    return new RecordContent(
        record.offset(), record.timestamp(), record.writerEpoch(), sent, origin);
  }

  /** Before when it is not handed out, epoch milliseconds; 0 where it may be at once. */
  long deliverAt() {
    return sent.message().deliverAt().map(Instant::toEpochMilli).orElse(0L);
  }

  /** From when on it is not handed out any more, epoch milliseconds; or the end of time. */
  long expiresAt() {
    return sent.message().expiresAt().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
  }

  /** Reads the message as it stands in the record. */
  static SentMessage sent(RecordView record, String topic) {
    return AttributeReader.read(
        record.array(),
        record.attributesOffset(),
        record.attributesLength(),
        record.copyPayload(),
        new Place(topic, record.offset()));
  }
}
