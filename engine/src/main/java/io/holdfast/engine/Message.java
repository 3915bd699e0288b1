package io.holdfast.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A message is what a user sends: a payload of bytes, and optionally a key, a subject, headers, and
 * times before and after which it is not handed out.
 *
 * <p>Immutable but for the payload, which is not copied here: {@code send} and {@code sendAsync}
 * copy it before they return, from then on the caller may change its array. Safe for any thread.
 *
 * <p>Key, subject and headers together take at most {@value #MAX_ATTRIBUTE_BYTES} bytes as UTF-8,
 * with 3 bytes for each of them and 2 more for each header. That is checked when the message is
 * sent.
 */
public final class Message {
  /** The most bytes that the UTF-8 form of a key may take. */
  public static final int MAX_KEY_BYTES = 1024;

  /** The most bytes that the UTF-8 form of a dedupId may take. */
  public static final int MAX_DEDUP_ID_BYTES = 256;

  /** The most bytes that key, subject and headers may take; room is left for dead letters. */
  public static final int MAX_ATTRIBUTE_BYTES = 48 * 1024;

  private static final Map<String, String> NO_HEADERS = Map.of();
  private static final long NO_SEQUENCE = -1;

  private final byte[] payload;
  private final String key;
  private final String subject;
  private final Map<String, String> headers;
  private final MessageTimes times;
  private final long sequence;
  private final String dedupId;

  private Message(
      byte[] payload,
      String key,
      String subject,
      Map<String, String> headers,
      MessageTimes times,
      long sequence,
      String dedupId) {
    this.sequence = sequence;
    this.dedupId = dedupId;
    this.payload = payload;
    this.key = key;
    this.subject = subject;
    this.headers = headers;
    this.times = times;
  }

  /**
   * Returns a message of a payload alone.
   *
   * @param payload the bytes; not copied
   * @return the message
   */
  public static Message of(byte[] payload) {
    return new Message(
        Objects.requireNonNull(payload, "payload"),
        null,
        null,
        NO_HEADERS,
        MessageTimes.NONE,
        NO_SEQUENCE,
        null);
  }

  /**
   * Begins a message with more than a payload.
   *
   * @param payload the bytes; not copied
   * @return a builder
   */
  public static Builder builder(byte[] payload) {
    return new Builder(payload);
  }

  /**
   * Returns the payload itself, not a copy.
   *
   * @return the bytes
   */
  public byte[] payload() {
    return payload;
  }

  /**
   * Returns the key.
   *
   * @return the key, or nothing
   */
  public Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /**
   * Returns the subject, the name of what happened such as {@code orders.created}.
   *
   * @return the subject, or nothing
   */
  public Optional<String> subject() {
    return Optional.ofNullable(subject);
  }

  /**
   * Returns the headers in the order in which they were given.
   *
   * @return an unmodifiable map
   */
  public Map<String, String> headers() {
    return headers;
  }

  /**
   * Returns one header.
   *
   * @param name the name of the header; upper and lower case differ
   * @return its value, or nothing
   */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /**
   * Returns before when no group gets the message.
   *
   * @return in milliseconds; nothing where it may be handed out at once, and for a message with a
   *     {@link #delay} that was not sent yet
   */
  public Optional<Instant> deliverAt() {
    return times.deliverAt() == MessageTimes.AT_ONCE
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(times.deliverAt()));
  }

  /**
   * Returns how long after its sending no group gets the message. Of a message that was read {@link
   * #deliverAt} says it.
   *
   * @return in milliseconds, or nothing
   */
  public Optional<Duration> delay() {
    return MessageTimes.duration(times.delay());
  }

  /**
   * Returns from when on no group gets the message any more.
   *
   * @return in milliseconds; nothing where it does not expire by itself, and for a message with a
   *     {@link #timeToLive} that was not sent yet
   */
  public Optional<Instant> expiresAt() {
    return times.expiresAt() == MessageTimes.NEVER
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(times.expiresAt()));
  }

  /**
   * Returns how long groups may get the message. Of a message that was read {@link #expiresAt} says
   * it.
   *
   * @return in milliseconds, or nothing
   */
  public Optional<Duration> timeToLive() {
    return MessageTimes.duration(times.timeToLive());
  }

  /**
   * Returns the number that the message has among those of its producer.
   *
   * @return 0 or more, or nothing
   */
  public OptionalLong sequence() {
    return sequence < 0 ? OptionalLong.empty() : OptionalLong.of(sequence);
  }

  /**
   * Returns what tells the message from others of its topic, whoever sends it.
   *
   * @return the id, or nothing
   */
  public Optional<String> dedupId() {
    return Optional.ofNullable(dedupId);
  }

  /** Whether the topic may have it already. */
  boolean mayBeDuplicate() {
    return sequence >= 0 || dedupId != null;
  }

  @Override
  public String toString() {
    return "Message[payload=" + payload.length + " bytes, key=" + key + ", subject=" + subject
        + ", headers=" + headers + times + (sequence < 0 ? "" : ", sequence=" + sequence)
        + (dedupId == null ? "" : ", dedupId=" + dedupId) + "]";
  }

  /** Builds a message; one thread at a time. */
  public static final class Builder {
    private final byte[] payload;
    private Map<String, String> headers; // made with the first header
    private String key;
    private String subject;
    private MessageTimes times = MessageTimes.NONE;
    private long sequence = NO_SEQUENCE;
    private String dedupId;

    private Builder(byte[] payload) {
      this.payload = Objects.requireNonNull(payload, "payload");
    }

    /**
     * Sets the key: what the message is about, such as a customer's number.
     *
     * @param key at least 1 and at most {@value Message#MAX_KEY_BYTES} bytes of UTF-8
     * @return this
     * @throws IllegalArgumentException if it is empty or not well-formed Unicode
     */
    public Builder key(String key) {
      this.key = text("key", key, false);
      return this;
    }

    /**
     * Sets the subject.
     *
     * @param subject at least one character
     * @return this
     * @throws IllegalArgumentException if it is empty or not well-formed Unicode
     */
    public Builder subject(String subject) {
      this.subject = text("subject", subject, false);
      return this;
    }

    /**
     * Sets a header; a second value for a name replaces the first.
     *
     * @param name at least one character
     * @param value any text, also an empty one
     * @return this
     * @throws IllegalArgumentException if one of them is not well-formed Unicode
     */
    public Builder header(String name, String value) {
      if (headers == null) {
        headers = new LinkedHashMap<>();
      }
      headers.put(text("header name", name, false), text("header value", value, true));
      return this;
    }

    /**
     * Sets several headers.
     *
     * @param more names and values
     * @return this
     */
    public Builder headers(Map<String, String> more) {
      more.forEach(this::header);
      return this;
    }

    /**
     * Has no group get the message before a time; replaces a delay.
     *
     * @param time after 1970 and before 10000; a part of a millisecond counts as a whole one
     * @return this
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder deliverAt(Instant time) {
      times = times.withDeliverAt(time);
      return this;
    }

    /**
     * Has no group get the message before a time from its sending on has passed; replaces an
     * earlier deliverAt. A message is sent when {@code send} or {@code sendAsync} takes it.
     *
     * @param time 0 to 365,000 days
     * @return this
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder delay(Duration time) {
      times = times.withDelay(time);
      return this;
    }

    /**
     * Has no group get the message from a time on; replaces a time to live.
     *
     * @param time after 1970 and before 10000; a part of a millisecond does not count
     * @return this
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder expiresAt(Instant time) {
      times = times.withExpiresAt(time);
      return this;
    }

    /**
     * Has no group get the message when a time has passed since its sending, or since the end of
     * its delay; replaces an earlier expiresAt.
     *
     * @param time 1 ms to 365,000 days
     * @return this
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder timeToLive(Duration time) {
      times = times.withTimeToLive(time);
      return this;
    }

    /**
     * Numbers the message among those of its producer: the topic takes one message for each number
     * of a producer's name, also when it is sent again after a crash, in another process. A message
     * that the topic has is confirmed as a duplicate, with the place that it has. The topic knows
     * the last 1,024 numbers of each producer.
     *
     * @param number 0 or more, best without gaps
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder sequence(long number) {
      sequence = Limits.atLeast("sequence", number, 0);
      return this;
    }

    /**
     * Tells the message from all others of its topic: what is sent again with the same id, by this
     * or by another producer, is confirmed as a duplicate, as long as the topic remembers the id;
     * see {@code TopicConfig.Builder.dedupWindow}.
     *
     * @param id at least 1 and at most {@value Message#MAX_DEDUP_ID_BYTES} bytes of UTF-8
     * @return this
     * @throws IllegalArgumentException if it is empty, too long or not well-formed Unicode
     */
    public Builder dedupId(String id) {
      dedupId = text("dedupId", id, false);
      int bytes = id.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_DEDUP_ID_BYTES) {
        throw new IllegalArgumentException(
            "the dedupId has " + bytes + " bytes of UTF-8, the limit is " + MAX_DEDUP_ID_BYTES);
      }
      return this;
    }

    /**
     * Returns the message.
     *
     * @return a new message
     */
    public Message build() {
      Map<String, String> copy =
          headers == null
              ? NO_HEADERS
              : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
      return new Message(payload, key, subject, copy, times, sequence, dedupId);
    }

    /** A lone surrogate would become a '?' in UTF-8: the reader would get another text. */
    private static String text(String what, String value, boolean mayBeEmpty) {
      Objects.requireNonNull(value, what);
      if (value.isEmpty() && !mayBeEmpty) {
        throw new IllegalArgumentException("the " + what + " is empty");
      }
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (Character.isSurrogate(c)) {
          if (!Character.isHighSurrogate(c)
              || i + 1 == value.length()
              || !Character.isLowSurrogate(value.charAt(i + 1))) {
            throw new IllegalArgumentException(
                "the " + what + " has half a surrogate pair at character " + i);
          }
          i++;
        }
      }
      return value;
    }
  }
}
