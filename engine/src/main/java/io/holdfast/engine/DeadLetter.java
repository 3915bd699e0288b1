package io.holdfast.engine;

import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.engine.group.DeadLetterMessage;
import io.holdfast.engine.group.RedrivenMessage;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;

/**
 * A dead letter without its payload: what filters and summaries look at.
 *
 * @param offset in the dead-letter topic
 * @param key of the message, or null
 * @param headers of the letter
 * @param time when the message became a dead letter
 * @param redrives how often it had come back before
 */
record DeadLetter(
    long offset, String key, Map<String, String> headers, Instant time, int redrives) {
  static DeadLetter of(MessageView view, String topic) {
    Map<String, String> headers = view.headers();
    String where = topic + " at offset " + view.offset();
    int redrives = RedrivenMessage.originOfLetter(headers, where).redrives();
    try {
      Instant time = Instant.parse(headers.getOrDefault(DeadLetterMessage.TIME, ""));
      return new DeadLetter(view.offset(), view.key().orElse(null), headers, time, redrives);
    } catch (DateTimeException e) {
      throw new UnsupportedMessageException(
          where + ": the time of the dead letter cannot be read: " + e.getMessage());
    }
  }

  String reason() {
    return headers.getOrDefault(DeadLetterMessage.REASON, "");
  }

  String errorClass() {
    return headers.getOrDefault(DeadLetterMessage.ERROR_CLASS, "");
  }

  String errorMessage() {
    return headers.getOrDefault(DeadLetterMessage.ERROR_MESSAGE, "");
  }

  String fingerprint() {
    String stack = headers.getOrDefault(DeadLetterMessage.ERROR_STACK, "");
    return Fingerprint.of(errorClass(), errorMessage(), stack);
  }
}
