package io.holdfast.engine;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Objects;

/**
 * How long a topic keeps its messages. Immutable.
 *
 * <p>What is dropped is dropped in whole files ("segments"), the oldest first, and never the one
 * that is written to. So a message goes when the newest one of its file may go; files grow to the
 * topic's segmentSize, and are at most a quarter of a bound in bytes.
 *
 * <p>By default a message is kept until every group of the topic is done with it, however
 * long that takes; with no group yet everything is kept. Readers hold nothing.
 */
public final class Retention {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final String CONSUMED = "untilConsumed";
  private static final String FOREVER = "forever";
  private static final String AT_LEAST = "atLeast";
  private static final String AT_MOST = "atMost";
  private static final String AT_MOST_BYTES = "atMostBytes";
  private static final String AT_MOST_MESSAGES = "atMostMessages";

  private static final Retention UNTIL_CONSUMED =
      new Retention(true, Duration.ZERO, null, Long.MAX_VALUE, Long.MAX_VALUE);
  private static final Retention KEEP =
      new Retention(false, Duration.ZERO, null, Long.MAX_VALUE, Long.MAX_VALUE);

  private final boolean untilConsumed;
  private final Duration atLeast;
  private final Duration atMost; // null = for ever
  private final long atMostBytes;
  private final long atMostMessages;

  private Retention(
      boolean untilConsumed,
      Duration atLeast,
      Duration atMost,
      long atMostBytes,
      long atMostMessages) {
    this.untilConsumed = untilConsumed;
    this.atLeast = atLeast;
    this.atMost = atMost;
    this.atMostBytes = atMostBytes;
    this.atMostMessages = atMostMessages;
    if (atMost != null && atMost.compareTo(atLeast) < 0) {
      throw new IllegalArgumentException(
          "what is kept for at least " + atLeast + " cannot be kept for at most " + atMost);
    }
  }

  /**
   * Messages are dropped once every group of the topic is done with them.
   *
   * @return the default; nothing is lost by it
   */
  public static Retention untilConsumed() {
    return UNTIL_CONSUMED;
  }

  /**
   * Messages are never dropped, consumed or not.
   *
   * @return a retention that a bound may be added to
   */
  public static Retention forever() {
    return KEEP;
  }

  /**
   * Messages are kept for a time, consumed or not, and then dropped, needed or not.
   *
   * @param age 1 millisecond to 365,000 days
   * @return short for {@code forever().atMost(age)}
   */
  public static Retention byAge(Duration age) {
    return KEEP.atMost(age);
  }

  /**
   * The newest messages are kept that fit in so many bytes of files, consumed or not; those before
   * them are dropped, needed or not.
   *
   * @param bytes see {@link #atMostBytes(long)}
   * @return short for {@code forever().atMostBytes(bytes)}
   */
  public static Retention bySize(long bytes) {
    return KEEP.atMostBytes(bytes);
  }

  /**
   * So many of the newest messages are kept, consumed or not; those before them are dropped, needed
   * or not.
   *
   * @param messages 1 or more
   * @return short for {@code forever().atMostMessages(messages)}
   */
  public static Retention byCount(long messages) {
    return KEEP.atMostMessages(messages);
  }

  /**
   * Returns a retention that keeps what was consumed for a while, to be read again.
   *
   * @param age of the youngest message of a file that is dropped; 1 millisecond to 365,000 days
   * @return a new retention
   * @throws IllegalArgumentException when consumed messages are kept anyway
   */
  public Retention atLeast(Duration age) {
    if (!untilConsumed) {
      throw new IllegalArgumentException(
          this + " does not ask whether a message was consumed; atLeast goes with untilConsumed()");
    }
    return new Retention(true, checked(AT_LEAST, age), atMost, atMostBytes, atMostMessages);
  }

  /**
   * Returns a retention that drops also what is older, needed or not.
   *
   * @param age of the youngest message of a file that is dropped; 1 millisecond to 365,000 days
   * @return a new retention
   */
  public Retention atMost(Duration age) {
    Duration checked = checked(AT_MOST, age);
    return new Retention(untilConsumed, atLeast, checked, atMostBytes, atMostMessages);
  }

  /**
   * Returns a retention that drops the oldest file as long as all files have more bytes, needed or
   * not.
   *
   * @param bytes of all files; as many at least as {@link TopicConfig.Builder#maxBytes} needs
   * @return a new retention
   */
  public Retention atMostBytes(long bytes) {
    long checked = Limits.atLeast(AT_MOST_BYTES, bytes, 1);
    return new Retention(untilConsumed, atLeast, atMost, checked, atMostMessages);
  }

  /**
   * Returns a retention that drops the oldest file as long as so many messages stand behind it,
   * needed or not.
   *
   * @param messages of the newest ones, which are kept; 1 or more
   * @return a new retention
   */
  public Retention atMostMessages(long messages) {
    long checked = Limits.atLeast(AT_MOST_MESSAGES, messages, 1);
    return new Retention(untilConsumed, atLeast, atMost, atMostBytes, checked);
  }

  private static Duration checked(String name, Duration age) {
    return Limits.within(name, age, SHORTEST, Limits.LONGEST);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @param text as in {@code untilConsumed}, or {@code forever;atMost=P7D;atMostBytes=1073741824}
   * @return the retention
   * @throws IllegalArgumentException for any other text
   */
  public static Retention parse(String text) {
    String[] parts = text.split(";");
    Retention retention =
        switch (parts[0]) {
          case CONSUMED -> UNTIL_CONSUMED;
          case FOREVER -> KEEP;
          default -> throw unknown(text);
        };
    try {
      for (int i = 1; i < parts.length; i++) {
        retention = retention.with(parts[i].split("=", 2), text);
      }
    } catch (NumberFormatException | DateTimeParseException e) {
      throw unknown(text);
    }
    return retention;
  }

  private Retention with(String[] part, String text) {
    if (part.length < 2) {
      throw unknown(text);
    }
    return switch (part[0]) {
      case AT_LEAST -> atLeast(Duration.parse(part[1]));
      case AT_MOST -> atMost(Duration.parse(part[1]));
      case AT_MOST_BYTES -> atMostBytes(Long.parseLong(part[1]));
      case AT_MOST_MESSAGES -> atMostMessages(Long.parseLong(part[1]));
      default -> throw unknown(text);
    };
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "expected a retention that begins with untilConsumed or forever, and may go on as in"
            + " ;atLeast=PT1H;atMost=P7D;atMostBytes=1073741824;atMostMessages=1000, found '"
            + text + "'");
  }

  /** Whether messages go once they are consumed. */
  boolean isUntilConsumed() {
    return untilConsumed;
  }

  /** How long consumed ones stay, milliseconds. */
  long atLeastMillis() {
    return atLeast.toMillis();
  }

  /** How long any stay, milliseconds. */
  long atMostMillis() {
    return atMost == null ? Long.MAX_VALUE : atMost.toMillis();
  }

  long atMostBytes() {
    return atMostBytes;
  }

  long atMostMessages() {
    return atMostMessages;
  }

  /** Whether no message ever goes. */
  boolean isForever() {
    return equals(KEEP);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Retention that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return Objects.hash(toString());
  }

  /** Returns the retention as it is stored with the topic; {@link #parse} reads it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(untilConsumed ? CONSUMED : FOREVER);
    if (!atLeast.isZero()) {
      text.append(';').append(AT_LEAST).append('=').append(atLeast);
    }
    if (atMost != null) {
      text.append(';').append(AT_MOST).append('=').append(atMost);
    }
    if (atMostBytes < Long.MAX_VALUE) {
      text.append(';').append(AT_MOST_BYTES).append('=').append(atMostBytes);
    }
    if (atMostMessages < Long.MAX_VALUE) {
      text.append(';').append(AT_MOST_MESSAGES).append('=').append(atMostMessages);
    }
    return text.toString();
  }
}
