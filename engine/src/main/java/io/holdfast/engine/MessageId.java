package io.holdfast.engine;

/** The id of a message: topic number in the upper 16 bits, offset in the lower 48. */
final class MessageId {
  private static final int OFFSET_BITS = 48;

  private MessageId() {}

  static long of(int topicNumber, long offset) {
    return (long) topicNumber << OFFSET_BITS | offset;
  }
}
