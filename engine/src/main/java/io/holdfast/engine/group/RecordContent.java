package io.holdfast.engine.group;

import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.RecordView;

/** A record that was read, copied out of the reader. */
record RecordContent(long offset, long timestamp, int writerEpoch, SentMessage sent) {
  static RecordContent of(RecordView record, String topic) {
    SentMessage sent =
        AttributeReader.read(
            record.array(),
            record.attributesOffset(),
            record.attributesLength(),
            record.copyPayload(),
            topic + " at offset " + record.offset());
    return new RecordContent(record.offset(), record.timestamp(), record.writerEpoch(), sent);
  }
}
