package io.holdfast.engine;

import io.holdfast.storage.Durability;
import io.holdfast.storage.TopicSettings;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The configuration of a topic, stored with it. Immutable.
 *
 * <p>Defaults: {@code powerLoss}, messages of at most 1 MiB, segments of 64 MiB.
 */
public final class TopicConfig {
  private static final int MIB = 1024 * 1024;
  private static final String MAX_AGE = "maxAge";
  private static final String ON_EXPIRY = "onExpiry";

  private final Durability durability;
  private final int maxMessageSize;
  private final int segmentSize;
  private final Duration maxAge; // null where messages do not expire by age
  private final OnExpiry onExpiry;

  private TopicConfig(Builder from) {
    this.durability = from.durability;
    this.maxMessageSize = from.maxMessageSize;
    this.segmentSize = from.segmentSize;
    this.maxAge = from.maxAge;
    this.onExpiry = from.onExpiry;
  }

  /**
   * Returns the default configuration.
   *
   * @return the configuration
   */
  public static TopicConfig defaults() {
    return builder().build();
  }

  /**
   * Returns the configuration that a topic was made with.
   *
   * @param settings as the storage keeps them
   * @return with the defaults for what the topic has no value of
   * @throws IllegalArgumentException when a value makes no sense
   */
  public static TopicConfig of(TopicSettings settings) {
    Builder builder =
        builder()
            .durability(settings.durability())
            .maxMessageSize(settings.maxMessageSize())
            .segmentSize(settings.segmentSize());
    SortedMap<String, String> extra = settings.extra();
    apply(extra, MAX_AGE, text -> builder.maxAge(Duration.parse(text)));
    apply(extra, ON_EXPIRY, text -> builder.onExpiry(OnExpiry.valueOf(text)));
    return builder.build();
  }

  /** A topic that was made before there was such a key has the default. */
  private static void apply(
      SortedMap<String, String> extra, String key, Consumer<String> set) {
    String text = extra.get(key);
    if (text != null) {
      set.accept(text);
    }
  }

  SortedMap<String, String> toProperties() {
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put("durability", durability.toString());
    properties.put("maxMessageSize", Integer.toString(maxMessageSize));
    properties.put("segmentSize", Integer.toString(segmentSize));
    properties.putAll(extra());
    return properties;
  }

  /** What the storage knows nothing of. */
  private SortedMap<String, String> extra() {
    SortedMap<String, String> extra = new TreeMap<>();
    if (maxAge != null) {
      extra.put(MAX_AGE, maxAge.toString());
    }
    if (onExpiry != OnExpiry.DEAD_LETTER) {
      extra.put(ON_EXPIRY, onExpiry.toString());
    }
    return extra;
  }

  TopicSettings settings() {
    return new TopicSettings(durability, segmentSize, maxMessageSize, extra());
  }

  /**
   * Begins a configuration with the defaults.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns what a receipt stands for.
   *
   * @return the durability
   */
  public Durability durability() {
    return durability;
  }

  /**
   * Returns the size that a message's payload may have.
   *
   * @return bytes
   */
  public int maxMessageSize() {
    return maxMessageSize;
  }

  /**
   * Returns the size of the topic's files.
   *
   * @return bytes
   */
  public int segmentSize() {
    return segmentSize;
  }

  /**
   * Returns how old a message may be when it is handed out.
   *
   * @return nothing where messages do not expire by their age
   */
  public Optional<Duration> maxAge() {
    return Optional.ofNullable(maxAge);
  }

  /**
   * Returns what becomes of messages that expire, by their age or by a time of their own.
   *
   * @return the answer
   */
  public OnExpiry onExpiry() {
    return onExpiry;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TopicConfig that && toProperties().equals(that.toProperties());
  }

  @Override
  public int hashCode() {
    return toProperties().hashCode();
  }

  @Override
  public String toString() {
    return "TopicConfig" + toProperties();
  }

  /** Builds a configuration; one thread at a time. */
  public static final class Builder {
    private Durability durability = Durability.powerLoss();
    private int maxMessageSize = MIB;
    private int segmentSize = 64 * MIB;
    private Duration maxAge;
    private OnExpiry onExpiry = OnExpiry.DEAD_LETTER;

    private Builder() {}

    /**
     * Sets what a receipt stands for.
     *
     * @param value the durability
     * @return this
     */
    public Builder durability(Durability value) {
      durability = Objects.requireNonNull(value, "durability");
      return this;
    }

    /**
     * Sets the size that a message's payload may have.
     *
     * @param bytes 1 to 128 MiB; segments must have room for four messages
     * @return this
     */
    public Builder maxMessageSize(int bytes) {
      maxMessageSize = Limits.within("maxMessageSize", bytes, 1, 128 * MIB);
      return this;
    }

    /**
     * Sets the size of the topic's files.
     *
     * @param bytes a multiple of 4 KiB from 1 MiB, and from what four messages need, to 1 GiB
     * @return this
     */
    public Builder segmentSize(int bytes) {
      segmentSize = Limits.within("segmentSize", bytes, MIB, 1024 * MIB);
      return this;
    }

    /**
     * Sets how old a message may be when it is handed out, or handed out again; with {@code
     * Message.Builder.expiresAt} the earlier of the two counts. The age of a delayed message counts
     * from its deliverAt. What is out does not expire, nor does a dead letter, nor what comes back
     * from there. Readers see what has expired as long as the topic has it.
     *
     * @param age 1 ms to 365,000 days; messages do not expire by their age unless this is set
     * @return this
     */
    public Builder maxAge(Duration age) {
      maxAge = Limits.within(MAX_AGE, age, Duration.ofMillis(1), Duration.ofDays(365_000));
      return this;
    }

    /**
     * Sets what becomes of messages that expire, by their age or by a time of their own.
     *
     * @param value dead letters, unless it says otherwise
     * @return this
     */
    public Builder onExpiry(OnExpiry value) {
      onExpiry = Objects.requireNonNull(value, ON_EXPIRY);
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @return a new configuration
     * @throws IllegalArgumentException when a segment has no room for four messages
     */
    public TopicConfig build() {
      TopicConfig config = new TopicConfig(this);
      config.settings(); // storage checks how the sizes fit together
      return config;
    }
  }
}
