package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.storage.TopicLog;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds dead letters: the message as it was, with the headers that say what became of it. */
public final class DeadLetterMessage {
  /** Header: what makes the letter the only one of its message. */
  public static final String ID = "dlq.id";

  /** Header: why the message is dead. */
  public static final String REASON = "dlq.reason";

  /** Header: class of the last error. */
  public static final String ERROR_CLASS = "dlq.error.class";

  /** Header: message of the last error. */
  public static final String ERROR_MESSAGE = "dlq.error.message";

  /** Header: stack of the last error. */
  public static final String ERROR_STACK = "dlq.error.stack";

  /** Header: when the message became a dead letter. */
  public static final String TIME = "dlq.time";

  static final String PREFIX = "dlq.";
  static final String FIRST_DELIVERY = "dlq.first-delivery";
  static final String TOPIC = "dlq.topic";
  static final String TIMESTAMP = "dlq.timestamp";
  static final String PRODUCER = "dlq.producer";
  static final String DELIVER_AT = "dlq.deliver-at";
  static final String EXPIRES_AT = "dlq.expires-at";

  private static final String[] REASONS = {
    "unknown", "attempts", "rejected", "crash", "fatal", "key", "expired"
  };

  private DeadLetterMessage() {}

  /**
   * Returns the id that makes a dead letter the only one of its message: topic number, writer epoch
   * (as an offset may be given again after a cut), offset, group and redrives; of the topic that
   * the message was sent to, however often it was redriven.
   */
  static String id(TopicLog log, RecordContent content, String group) {
    Origin origin = content.origin();
    return origin == null
        ? id(log.number(), content.writerEpoch(), content.offset(), group, 0)
        : id(
            origin.topicNumber(),
            origin.writerEpoch(),
            origin.offset(),
            group,
            origin.redrives());
  }

  private static String id(int topic, int writerEpoch, long offset, String group, int redrives) {
    return topic + ":" + Integer.toUnsignedString(writerEpoch) + ":" + offset + ":" + group + ":"
        + redrives;
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
    Origin origin = content.origin();
    Message.Builder letter = Message.builder(original.payload());
    original.key().ifPresent(letter::key);
    original.subject().ifPresent(letter::subject);
    original.headers().forEach((name, value) -> copy(letter, name, value));
    int reason = details.reason();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(ID, id);
    headers.put(REASON, REASONS[reason >= 0 && reason < REASONS.length ? reason : 0]);
    headers.put("dlq.attempts", Integer.toString(SlotWord.attempts(word)));
    headers.put("dlq.failures", Integer.toString(SlotWord.failures(word)));
    headers.put(ERROR_CLASS, failure.type());
    headers.put(ERROR_MESSAGE, failure.message());
    String stack = failure.stack();
    if (stack != null) {
      headers.put(ERROR_STACK, stack);
    }
    headers.put(TIME, Instant.ofEpochMilli(now).toString());
    if (SlotWord.attempts(word) > 0) { // else it was never handed out
      headers.put(FIRST_DELIVERY, Instant.ofEpochMilli(details.firstDelivery()).toString());
      headers.put("dlq.consumer", details.consumer());
    }
    headers.put("dlq.group", group);
    headers.put(TOPIC, origin == null ? topic : origin.topic());
    headers.put("dlq.offset", Long.toString(origin == null ? content.offset() : origin.offset()));
    long sentAt = origin == null ? content.timestamp() : origin.timestamp();
    headers.put(TIMESTAMP, Instant.ofEpochMilli(sentAt).toString());
    if (content.sent().producer() != null) {
      headers.put(PRODUCER, content.sent().producer());
    }
    // As headers only: a dead letter neither waits nor expires, nor does what is redriven of it.
    original.deliverAt().ifPresent(time -> headers.put(DELIVER_AT, time.toString()));
    original.expiresAt().ifPresent(time -> headers.put(EXPIRES_AT, time.toString()));
    headers.put("dlq.redrives", Integer.toString(origin == null ? 0 : origin.redrives()));
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
