package io.holdfast.engine;

import java.time.Instant;
import java.util.Objects;

/**
 * Which dead letters are meant: those for which all that was asked for holds. Immutable; each
 * method returns a new filter that asks for one thing more, or for another value of it.
 */
public final class DeadLetterFilter {
  private static final DeadLetterFilter ALL =
      new DeadLetterFilter(null, null, null, null, null, null, null);

  private final String reason; // null here and below: not asked for
  private final String errorClass;
  private final String errorText;
  private final String key;
  private final Instant from;
  private final Instant to;
  private final String fingerprint;

  private DeadLetterFilter(
      String reason,
      String errorClass,
      String errorText,
      String key,
      Instant from,
      Instant to,
      String fingerprint) {
    this.reason = reason;
    this.errorClass = errorClass;
    this.errorText = errorText;
    this.key = key;
    this.from = from;
    this.to = to;
    this.fingerprint = fingerprint;
  }

  /**
   * Returns the filter that asks for nothing.
   *
   * @return every dead letter passes it
   */
  public static DeadLetterFilter all() {
    return ALL;
  }

  /**
   * Asks for a reason.
   *
   * @param value of the header {@code dlq.reason}, such as {@code attempts} or {@code rejected}
   * @return a new filter
   */
  public DeadLetterFilter withReason(String value) {
    Objects.requireNonNull(value, "reason");
    return new DeadLetterFilter(value, errorClass, errorText, key, from, to, fingerprint);
  }

  /**
   * Asks for the class of the last error.
   *
   * @param value the whole name, as it stands in the header {@code dlq.error.class}
   * @return a new filter
   */
  public DeadLetterFilter withErrorClass(String value) {
    Objects.requireNonNull(value, "errorClass");
    return new DeadLetterFilter(reason, value, errorText, key, from, to, fingerprint);
  }

  /**
   * Asks for text in the message of the last error.
   *
   * @param value found anywhere in it; upper and lower case differ
   * @return a new filter
   */
  public DeadLetterFilter withErrorText(String value) {
    Objects.requireNonNull(value, "errorText");
    return new DeadLetterFilter(reason, errorClass, value, key, from, to, fingerprint);
  }

  /**
   * Asks for the key of the message.
   *
   * @param value the whole key
   * @return a new filter
   */
  public DeadLetterFilter withKey(String value) {
    Objects.requireNonNull(value, "key");
    return new DeadLetterFilter(reason, errorClass, errorText, value, from, to, fingerprint);
  }

  /**
   * Asks for messages that became dead letters in a time.
   *
   * @param first the earliest time, itself included
   * @param end behind {@code first}; the time itself is left out
   * @return a new filter
   */
  public DeadLetterFilter withTime(Instant first, Instant end) {
    if (!first.isBefore(end)) {
      throw new IllegalArgumentException("no time is from " + first + " and before " + end);
    }
    return new DeadLetterFilter(reason, errorClass, errorText, key, first, end, fingerprint);
  }

  /**
   * Asks for a cause, as {@link Group#deadLetters} names it.
   *
   * @param value the fingerprint
   * @return a new filter
   */
  public DeadLetterFilter withFingerprint(String value) {
    Objects.requireNonNull(value, "fingerprint");
    return new DeadLetterFilter(reason, errorClass, errorText, key, from, to, value);
  }

  boolean matches(DeadLetter letter) {
    return (reason == null || reason.equals(letter.reason()))
        && (errorClass == null || errorClass.equals(letter.errorClass()))
        && (errorText == null || letter.errorMessage().contains(errorText))
        && (key == null || key.equals(letter.key()))
        && (from == null || !letter.time().isBefore(from) && letter.time().isBefore(to))
        && (fingerprint == null || fingerprint.equals(letter.fingerprint()));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    append(text, "reason", reason);
    append(text, "errorClass", errorClass);
    append(text, "errorText", errorText);
    append(text, "key", key);
    append(text, "from", from);
    append(text, "to", to);
    append(text, "fingerprint", fingerprint);
    return "DeadLetterFilter[" + text + "]";
  }

  private static void append(StringBuilder text, String name, Object value) {
    if (value != null) {
      text.append(text.length() == 0 ? "" : ", ").append(name).append('=').append(value);
    }
  }
}
