package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.engine.message.SentMessage;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Builds redriven messages out of dead letters, and reads them: the message as it was sent, with
 * headers that no user sees and that say where it comes from.
 */
public final class RedrivenMessage {
  /** Header: what makes the message the only one of its dead letter. */
  static final String ID = "holdfast.retry.id";

  private static final String PREFIX = "holdfast.retry.";
  private static final String TOPIC = PREFIX + "topic";
  private static final String PLACE = PREFIX + "place"; // topic number, writer epoch, offset
  private static final String TIMESTAMP = PREFIX + "timestamp";
  private static final String PRODUCER = PREFIX + "producer";
  private static final String REDRIVES = PREFIX + "redrives";

  private RedrivenMessage() {}

  /**
   * Returns the origin of the message that a dead letter was.
   *
   * @param letter headers of the dead letter
   * @param where topic and offset, for the error message
   * @return with as many redrives as the message has had
   * @throws UnsupportedMessageException when the headers are not those of a dead letter
   */
  public static Origin originOfLetter(Map<String, String> letter, String where) {
    return reading(
        where,
        () -> {
          String[] id = required(letter, DeadLetterMessage.ID).split(":");
          // Holdfast before it could redrive did not keep the time of the message itself.
          String timestamp = letter.get(DeadLetterMessage.TIMESTAMP);
          if (timestamp == null) {
            timestamp = required(letter, DeadLetterMessage.FIRST_DELIVERY);
          }
          return new Origin(
              required(letter, DeadLetterMessage.TOPIC),
              Integer.parseInt(id[0]),
              Integer.parseUnsignedInt(id[1]),
              Long.parseLong(id[2]),
              Instant.parse(timestamp).toEpochMilli(),
              Integer.parseInt(id[4]));
        });
  }

  /** Builds the message that a dead letter was, to be sent to its group once more. */
  static Message of(String id, RecordContent letter, String where) {
    Message dead = letter.sent().message();
    Origin origin = originOfLetter(dead.headers(), where);
    Message.Builder message = copy(dead, DeadLetterMessage.PREFIX);
    message.header(ID, id);
    message.header(TOPIC, origin.topic());
    message.header(
        PLACE,
        origin.topicNumber() + ":" + Integer.toUnsignedString(origin.writerEpoch()) + ":"
            + origin.offset());
    message.header(TIMESTAMP, Instant.ofEpochMilli(origin.timestamp()).toString());
    dead.header(DeadLetterMessage.PRODUCER).ifPresent(name -> message.header(PRODUCER, name));
    message.header(REDRIVES, Integer.toString(origin.redrives() + 1));
    return message.build();
  }

  /** Returns where a redriven message comes from. */
  static Origin origin(Message redriven, String where) {
    Map<String, String> headers = redriven.headers();
    return reading(
        where,
        () -> {
          String[] place = required(headers, PLACE).split(":");
          return new Origin(
              required(headers, TOPIC),
              Integer.parseInt(place[0]),
              Integer.parseUnsignedInt(place[1]),
              Long.parseLong(place[2]),
              Instant.parse(required(headers, TIMESTAMP)).toEpochMilli(),
              Integer.parseInt(required(headers, REDRIVES)));
        });
  }

  /** Returns a redriven message as it was sent, and by whom. */
  static SentMessage original(Message redriven) {
    return new SentMessage(
        copy(redriven, PREFIX).build(), redriven.header(PRODUCER).orElse(null));
  }

  private static Message.Builder copy(Message from, String without) {
    Message.Builder to = Message.builder(from.payload());
    from.key().ifPresent(to::key);
    from.subject().ifPresent(to::subject);
    from.headers()
        .forEach(
            (name, value) -> {
              if (!name.startsWith(PREFIX) && !name.startsWith(without)) {
                to.header(name, value);
              }
            });
    return to;
  }

  private static String required(Map<String, String> headers, String name) {
    String value = headers.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no header " + name);
    }
    return value;
  }

  private static Origin reading(String where, Supplier<Origin> headers) {
    try {
      return headers.get();
    } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeException e) {
      throw new UnsupportedMessageException(
          where + ": the headers are not those that Holdfast writes there: " + e.getMessage());
    }
  }
}
