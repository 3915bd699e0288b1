package io.holdfast.engine.group;

import io.holdfast.engine.message.AttributeLayout;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.MessageDecoder;
import io.holdfast.storage.RecordView;

/** A candidate that still lies in a reader; nothing is copied before its content is asked for. */
final class RecordCandidate implements Candidate {
  private final MessageDecoder decoder;
  private final KeyOrder order;
  private RecordView record;

  RecordCandidate(String topic, KeyOrder order) {
    this.decoder = new MessageDecoder(topic);
    this.order = order;
  }

  /** Stands for a record from now on, while that is in the reader. */
  RecordCandidate at(RecordView next) {
    record = next;
    return this;
  }

  @Override
  public long offset() {
    return record.offset();
  }

  @Override
  public long key() {
    return order.keyOf(record);
  }

  @Override
  public long deliverAt() {
    return record.attributesLength() == 0
        ? 0
        : AttributeReader.time(
            record.array(),
            record.attributesOffset(),
            record.attributesLength(),
            AttributeLayout.DELIVER_AT,
            0);
  }

  @Override
  public long timestamp() {
    return record.timestamp();
  }

  @Override
  public long expiresAt() {
    return AttributeReader.time(
        record.array(),
        record.attributesOffset(),
        record.attributesLength(),
        AttributeLayout.EXPIRES_AT,
        Long.MAX_VALUE);
  }

  @Override
  public RecordContent content() {
    return RecordContent.of(record, decoder);
  }
}
