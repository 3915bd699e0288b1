package io.holdfast.engine.message;

import io.holdfast.storage.RecordView;

/**
 * Reads the messages of one topic, and keeps what they have in common. As a text it is the place of
 * the message that it is at, for errors. One thread at a time.
 */
public final class MessageDecoder {
  private final String topic;
  private final NameCache names = new NameCache();
  private long offset;

  /**
   * Makes a decoder.
   *
   * @param topic its name
   */
  public MessageDecoder(String topic) {
    this.topic = topic;
  }

  /**
   * The topic whose messages it reads.
   *
   * @return its name
   */
  public String topic() {
    return topic;
  }

  /**
   * Reads a message as it stands in its record.
   *
   * @param record of the topic
   * @return a copy
   * @throws io.holdfast.engine.error.UnsupportedMessageException when an attribute is not known or
   *     not well-formed
   */
  public SentMessage read(RecordView record) {
    offset = record.offset();
    return AttributeReader.read(
        record.array(),
        record.attributesOffset(),
        record.attributesLength(),
        record.copyPayload(),
        this,
        names);
  }

  @Override
  public String toString() {
    return topic + " at offset " + offset;
  }
}
