package io.holdfast.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A message is what a user sends: a payload of bytes, and optionally a key, a subject and headers.
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

  /** The most bytes that key, subject and headers may take; room is left for dead letters. */
  public static final int MAX_ATTRIBUTE_BYTES = 48 * 1024;

  private static final Map<String, String> NO_HEADERS = Map.of();

  private final byte[] payload;
  private final String key;
  private final String subject;
  private final Map<String, String> headers;

  private Message(byte[] payload, String key, String subject, Map<String, String> headers) {
    this.payload = payload;
    this.key = key;
    this.subject = subject;
    this.headers = headers;
  }

  /**
   * Returns a message of a payload alone.
   *
   * @param payload the bytes; not copied
   * @return the message
   */
  public static Message of(byte[] payload) {
    return new Message(Objects.requireNonNull(payload, "payload"), null, null, NO_HEADERS);
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

  @Override
  public String toString() {
    return "Message[payload=" + payload.length + " bytes, key=" + key + ", subject=" + subject
        + ", headers=" + headers + "]";
  }

  /** Builds a message; one thread at a time. */
  public static final class Builder {
    private final byte[] payload;
    private Map<String, String> headers; // made with the first header
    private String key;
    private String subject;

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
     * Returns the message.
     *
     * @return a new message
     */
    public Message build() {
      Map<String, String> copy =
          headers == null
              ? NO_HEADERS
              : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
      return new Message(payload, key, subject, copy);
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
