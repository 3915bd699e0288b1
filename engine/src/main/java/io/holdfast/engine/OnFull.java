package io.holdfast.engine;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Objects;

/**
 * What a send to a topic does whose maxMessages or maxBytes is reached. Immutable. Nothing is
 * written before there is room.
 *
 * @param kind what is done
 * @param longest how long {@link Kind#BLOCK} waits; zero for the others
 */
public record OnFull(Kind kind, Duration longest) {
  private static final Duration USUAL = Duration.ofSeconds(20);
  private static final String BLOCK = "block:";
  private static final String REJECT = "reject";
  private static final String DROP_OLDEST = "dropOldest";

  /** What is done. */
  public enum Kind {
    /** It waits for room, then fails. */
    BLOCK,
    /** It fails at once. */
    REJECT,
    /** It takes the place of the oldest message that no consumer has. */
    DROP_OLDEST
  }

  /**
   * Checks the parts.
   *
   * @param kind not null
   * @param longest 1 millisecond to 1 day for BLOCK, else zero
   */
  public OnFull {
    Objects.requireNonNull(kind, "kind");
    if (kind == Kind.BLOCK) {
      Limits.within("the wait", longest, Duration.ofMillis(1), Duration.ofDays(1));
    } else if (!longest.isZero()) {
      throw new IllegalArgumentException(kind + " does not wait, not even " + longest);
    }
  }

  /**
   * A send waits up to 20 seconds for room, and then fails.
   *
   * @return the default
   */
  public static OnFull block() {
    return block(USUAL);
  }

  /**
   * A send waits for room, and then fails with {@link
   * io.holdfast.engine.error.TopicFullException}.
   *
   * @param longest 1 millisecond to 1 day
   * @return the answer
   */
  public static OnFull block(Duration longest) {
    return new OnFull(Kind.BLOCK, longest);
  }

  /**
   * A send fails at once, with {@link io.holdfast.engine.error.TopicFullException}.
   *
   * @return the answer
   */
  public static OnFull reject() {
    return new OnFull(Kind.REJECT, Duration.ZERO);
  }

  /**
   * The oldest messages that were not handed out give way, in the groups for which the limit is
   * reached, and each is counted there as dropped. For maxBytes it is the oldest file.
   *
   * @return the answer
   */
  public static OnFull dropOldest() {
    return new OnFull(Kind.DROP_OLDEST, Duration.ZERO);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @param text {@code reject}, {@code dropOldest}, or {@code block:} and an ISO-8601 duration
   * @return the answer
   * @throws IllegalArgumentException for any other text
   */
  public static OnFull parse(String text) {
    if (text.equals(REJECT)) {
      return reject();
    }
    if (text.equals(DROP_OLDEST)) {
      return dropOldest();
    }
    if (!text.startsWith(BLOCK)) {
      throw unknown(text);
    }
    try {
      return block(Duration.parse(text.substring(BLOCK.length())));
    } catch (DateTimeParseException e) {
      throw unknown(text);
    }
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "expected reject, dropOldest or one like block:PT20S, found '" + text + "'");
  }

  /** Returns the answer as it is stored with the topic; {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (kind) {
      case BLOCK -> BLOCK + longest;
      case REJECT -> REJECT;
      case DROP_OLDEST -> DROP_OLDEST;
    };
  }
}
