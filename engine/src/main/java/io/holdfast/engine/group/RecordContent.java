package io.holdfast.engine.group;

import io.holdfast.engine.message.MessageDecoder;
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
  static RecordContent of(RecordView record, MessageDecoder decoder) {
    SentMessage sent = decoder.read(record);
    Origin origin = null;
    if (InternalNames.isRetry(decoder.topic())) {
      origin = RedrivenMessage.origin(sent.message(), decoder.toString());
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
}
