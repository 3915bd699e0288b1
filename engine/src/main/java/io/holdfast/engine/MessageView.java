package io.holdfast.engine;

import io.holdfast.engine.message.AttributeReader;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.RecordView;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A message as a reader sees it, without a copy: valid during the callback only, and for the
 * reader's thread only. {@link #toMessage} makes a copy to keep.
 */
public final class MessageView {
  private static final byte[] NOTHING = new byte[0];

  private final String topic;
  private final int topicNumber;
  private RecordView record;
  private SentMessage decoded; // without its payload; made when first asked for

  MessageView(String topic, int topicNumber) {
    this.topic = topic;
    this.topicNumber = topicNumber;
  }

  MessageView of(RecordView next) {
    record = next;
    decoded = null;
    return this;
  }

  /**
   * Returns the message's id.
   *
   * @return unsigned 64-bit, unique in the store
   */
  public long messageId() {
    return MessageId.of(topicNumber, record.offset());
  }

  /**
   * Returns the message's place in its topic.
   *
   * @return 0 or more
   */
  public long offset() {
    return record.offset();
  }

  /**
   * Returns when the topic took the message.
   *
   * @return in milliseconds
   */
  public Instant timestamp() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /**
   * Returns the key.
   *
   * @return the key, or nothing
   */
  public Optional<String> key() {
    return sent().message().key();
  }

  /**
   * Returns the subject.
   *
   * @return the subject, or nothing
   */
  public Optional<String> subject() {
    return sent().message().subject();
  }

  /**
   * Returns the headers in the order in which they were sent.
   *
   * @return an unmodifiable map
   */
  public Map<String, String> headers() {
    return sent().message().headers();
  }

  /**
   * Returns one header.
   *
   * @param name the name of the header; upper and lower case differ
   * @return its value, or nothing
   */
  public Optional<String> header(String name) {
    return sent().message().header(name);
  }

  /**
   * Returns who sent the message.
   *
   * @return name of the producer, or nothing
   */
  public Optional<String> producer() {
    return Optional.ofNullable(sent().producer());
  }

  /**
   * Returns before when no group gets the message; a reader does.
   *
   * @return in milliseconds; nothing where groups may get it at once
   */
  public Optional<Instant> deliverAt() {
    return sent().message().deliverAt();
  }

  /**
   * Returns from when on no group gets the message any more; a reader does.
   *
   * @return in milliseconds; nothing where it does not expire by itself
   */
  public Optional<Instant> expiresAt() {
    return sent().message().expiresAt();
  }

  /**
   * Returns what holds the payload.
   *
   * @return the reader's own array: neither to be kept nor changed
   */
  public byte[] array() {
    return record.array();
  }

  /**
   * Returns where the payload begins.
   *
   * @return index in {@link #array}
   */
  public int payloadOffset() {
    return record.payloadOffset();
  }

  /**
   * Returns how long the payload is.
   *
   * @return bytes
   */
  public int payloadLength() {
    return record.payloadLength();
  }

  /**
   * Returns a copy of the message to keep.
   *
   * @return with a copy of the payload
   */
  public Message toMessage() {
    return decode(record.copyPayload()).message();
  }

  private SentMessage sent() {
    if (decoded == null) {
      decoded = decode(NOTHING);
    }
    return decoded;
  }

  private SentMessage decode(byte[] payload) {
    return AttributeReader.read(
        record.array(),
        record.attributesOffset(),
        record.attributesLength(),
        payload,
        topic + " at offset " + record.offset());
  }
}
