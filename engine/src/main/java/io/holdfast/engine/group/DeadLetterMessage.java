package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds dead letters: the message as it was, with the headers that say what became of it. */
final class DeadLetterMessage {
  static final String ID = "dlq.id";

  private static final String PREFIX = "dlq.";
  private static final String[] REASONS = {
    "unknown", "attempts", "rejected", "crash", "fatal", "key"
  };

  private DeadLetterMessage() {}

  /**
   * Returns the id that makes a dead letter the only one of its message.
   *
   * @param topicNumber of the topic
   * @param writerEpoch of the record, as an offset may be given again after a cut
   * @param offset of the message
   * @param group that failed
   */
  static String id(int topicNumber, int writerEpoch, long offset, String group) {
    return topicNumber + ":" + Integer.toUnsignedString(writerEpoch) + ":" + offset + ":" + group
        + ":0";
  }

  static Message of(
      String id,
      String topic,
      String group,
      RecordContent content,
      long word,
      SlotDetails details,
      Failure failure,
      long now) {
    Message original = content.sent().message();
    Message.Builder letter = Message.builder(original.payload());
    original.key().ifPresent(letter::key);
    original.subject().ifPresent(letter::subject);
    original.headers().forEach((name, value) -> copy(letter, name, value));
    int reason = details.reason();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(ID, id);
    headers.put("dlq.reason", REASONS[reason >= 0 && reason < REASONS.length ? reason : 0]);
    headers.put("dlq.attempts", Integer.toString(SlotWord.attempts(word)));
    headers.put("dlq.failures", Integer.toString(SlotWord.failures(word)));
    headers.put("dlq.error.class", failure.type());
    headers.put("dlq.error.message", failure.message());
    String stack = failure.stack();
    if (stack != null) {
      headers.put("dlq.error.stack", stack);
    }
    headers.put("dlq.time", Instant.ofEpochMilli(now).toString());
    headers.put("dlq.first-delivery", Instant.ofEpochMilli(details.firstDelivery()).toString());
    headers.put("dlq.consumer", details.consumer());
    headers.put("dlq.group", group);
    headers.put("dlq.topic", topic);
    headers.put("dlq.offset", Long.toString(content.offset()));
    headers.forEach((name, value) -> letter.header(name, wellFormed(value)));
    return letter.build();
  }

  /** A message that was a dead letter before does not take its old end with it. */
  private static void copy(Message.Builder letter, String name, String value) {
    if (!name.startsWith(PREFIX)) {
      letter.header(name, value);
    }
  }

  /** An error message of a user may hold anything; UTF-8 cannot hold half a surrogate pair. */
  private static String wellFormed(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
