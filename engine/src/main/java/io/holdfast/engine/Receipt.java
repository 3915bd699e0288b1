package io.holdfast.engine;

import java.time.Instant;

/**
 * A receipt says that a message is in its topic, as durable as the topic promises.
 *
 * @param messageId unsigned 64-bit, unique in the store: topic number and offset
 * @param offset the place in the topic, counted from 0 without gaps; of a duplicate, the place that
 *     the message has had before
 * @param timestamp when the topic took the message, in milliseconds; never before an earlier one;
 *     of a message whose sequence tells that it is a duplicate, when that was found
 * @param isDuplicate whether the topic had the message already, by its sequence or its dedupId, and
 *     nothing was written
 */
public record Receipt(long messageId, long offset, Instant timestamp, boolean isDuplicate) {
  private static final long NOWHERE = -1;

  /**
   * A receipt for a message that was written.
   *
   * @param messageId unsigned 64-bit, unique in the store
   * @param offset the place in the topic
   * @param timestamp when the topic took the message
   */
  public Receipt(long messageId, long offset, Instant timestamp) {
    this(messageId, offset, timestamp, false);
  }

  /** A receipt for a message that the topic took so long ago that it does not know where it is. */
  static Receipt somewhere(Instant now) {
    return new Receipt(NOWHERE, NOWHERE, now, true);
  }

  /**
   * Returns the message's id.
   *
   * @return unsigned 64-bit, unique in the store
   * @throws IllegalStateException when the place is not {@linkplain #hasPlace known} any more
   */
  public long messageId() {
    checkPlace();
    return messageId;
  }

  /**
   * Returns the message's place in its topic.
   *
   * @return 0 or more
   * @throws IllegalStateException when the place is not {@linkplain #hasPlace known} any more
   */
  public long offset() {
    checkPlace();
    return offset;
  }

  /**
   * Says whether the place of the message is known.
   *
   * @return false only for a duplicate of an {@linkplain ProducerConfig.Builder#ascending
   *     ascending} producer that lies below the sequences that the topic knows one by one
   */
  public boolean hasPlace() {
    return offset != NOWHERE;
  }

  private void checkPlace() {
    if (offset == NOWHERE) {
      throw new IllegalStateException(
          "the message is a duplicate of one that the topic took too long ago to know its place");
    }
  }
}
