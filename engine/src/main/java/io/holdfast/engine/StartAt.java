package io.holdfast.engine;

import io.holdfast.storage.TopicLog;
import java.time.Instant;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** Where a reader or a group begins, or goes to. Immutable. */
public final class StartAt {
  private static final StartAt EARLIEST = new StartAt("earliest", TopicLog::firstOffset);
  private static final StartAt LATEST = new StartAt("latest", TopicLog::visibleEnd);

  private final String text;
  private final ToLongFunction<TopicLog> place;

  private StartAt(String text, ToLongFunction<TopicLog> place) {
    this.text = text;
    this.place = place;
  }

  /**
   * Begins with the oldest message.
   *
   * @return the place
   */
  public static StartAt earliest() {
    return EARLIEST;
  }

  /**
   * Begins with the first message that is sent from now on.
   *
   * @return the place
   */
  public static StartAt latest() {
    return LATEST;
  }

  /**
   * Begins with the message of this offset, or with the oldest one if that is later.
   *
   * @param offset 0 or more; a reader waits behind the last message for that one to
   *     come, a group gets the first one that is sent from now on
   * @return the place
   */
  public static StartAt offset(long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("an offset is 0 or more, not " + offset);
    }
    return new StartAt("offset " + offset, log -> Math.max(offset, log.firstOffset()));
  }

  /**
   * Begins with the first message that was sent at or after this time.
   *
   * @param time the time, looked at in milliseconds; any that an Instant can have
   * @return the place
   */
  public static StartAt time(Instant time) {
    long millis = millis(Objects.requireNonNull(time, "time"));
    return new StartAt("time " + time, log -> log.offsetAt(millis));
  }

  /** No message is of a time that milliseconds cannot say: the nearest one has the same place. */
  private static long millis(Instant time) {
    try {
      return time.toEpochMilli();
    } catch (ArithmeticException e) {
      return time.isAfter(Instant.EPOCH) ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
  }

  long offsetIn(TopicLog log) {
    return place.applyAsLong(log);
  }

  @Override
  public String toString() {
    return text;
  }
}
