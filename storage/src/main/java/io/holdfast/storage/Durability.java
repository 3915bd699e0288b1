package io.holdfast.storage;

import java.time.Duration;
import java.time.format.DateTimeParseException;

/**
 * What a confirmation survives, chosen for each topic and named by what is survived. Immutable.
 *
 * <p>All levels write to mapped files; they differ in when what was written is forced.
 */
public final class Durability {
  private static final Durability PROCESS_CRASH = new Durability("processCrash", Duration.ZERO);
  private static final Durability POWER_LOSS = new Durability("powerLoss", Duration.ZERO);
  private static final String INTERVAL = "interval:";
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  private final String text;
  private final Duration interval;

  private Durability(String text, Duration interval) {
    this.text = text;
    this.interval = interval;
  }

  /**
   * A confirmation means that the message is in the page cache: it survives {@code kill -9}, an
   * OutOfMemoryError and a JVM abort, but not a power cut.
   *
   * @return the level
   */
  public static Durability processCrash() {
    return PROCESS_CRASH;
  }

  /**
   * A confirmation means as much as with {@link #processCrash}; in addition everything is forced at
   * least that often, so a power cut costs what was confirmed in about the last interval. How far
   * it has come is what {@link TopicLog#durableOffset} says.
   *
   * @param longest time from an append to the force that covers it, 1 millisecond to 1 hour
   * @return the level
   * @throws IllegalArgumentException when the time is out of its range
   */
  public static Durability interval(Duration longest) {
    if (longest.compareTo(SHORTEST) < 0 || longest.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "interval: expected %s to %s, found %s".formatted(SHORTEST, LONGEST, longest));
    }
    return new Durability(INTERVAL + longest, longest);
  }

  /**
   * A confirmation means that the device was told to make the message durable, and said that it
   * did.
   *
   * @return the level
   */
  public static Durability powerLoss() {
    return POWER_LOSS;
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @param text {@code processCrash}, {@code powerLoss}, or {@code interval:} and an ISO-8601
   *     duration, as in {@code interval:PT0.1S}
   * @return the level
   * @throws IllegalArgumentException for any other text
   */
  public static Durability parse(String text) {
    if (text.equals(PROCESS_CRASH.text)) {
      return PROCESS_CRASH;
    }
    if (text.equals(POWER_LOSS.text)) {
      return POWER_LOSS;
    }
    if (text.startsWith(INTERVAL)) {
      try {
        return interval(Duration.parse(text.substring(INTERVAL.length())));
      } catch (DateTimeParseException e) {
        throw unknown(text);
      }
    }
    throw unknown(text);
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "expected the durability processCrash, powerLoss or one like interval:PT0.1S, found '"
            + text
            + "'");
  }

  /**
   * Whether a confirmation waits for the device.
   *
   * @return true for powerLoss
   */
  public boolean forcesBeforeConfirming() {
    return this == POWER_LOSS;
  }

  /**
   * How often everything is forced.
   *
   * @return zero for the levels that have no interval
   */
  public Duration interval() {
    return interval;
  }

  /**
   * Whether what is appended is forced at all, by whoever waits for it or within the interval.
   *
   * @return false for processCrash
   */
  public boolean forces() {
    return this != PROCESS_CRASH;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Durability that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
