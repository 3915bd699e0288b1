package io.holdfast.engine;

import io.holdfast.storage.Durability;
import io.holdfast.storage.TopicSettings;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The configuration of a topic, stored with it. Immutable.
 *
 * <p>Defaults: {@code powerLoss}, messages of at most 1 MiB, segments of 64 MiB.
 */
public final class TopicConfig {
  private static final int MIB = 1024 * 1024;

  private final Durability durability;
  private final int maxMessageSize;
  private final int segmentSize;

  private TopicConfig(Builder from) {
    this.durability = from.durability;
    this.maxMessageSize = from.maxMessageSize;
    this.segmentSize = from.segmentSize;
  }

  /**
   * Returns the default configuration.
   *
   * @return the configuration
   */
  public static TopicConfig defaults() {
    return builder().build();
  }

  static TopicConfig of(TopicSettings settings) {
    return builder()
        .durability(settings.durability())
        .maxMessageSize(settings.maxMessageSize())
        .segmentSize(settings.segmentSize())
        .build();
  }

  SortedMap<String, String> toProperties() {
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put("durability", durability.toString());
    properties.put("maxMessageSize", Integer.toString(maxMessageSize));
    properties.put("segmentSize", Integer.toString(segmentSize));
    return properties;
  }

  TopicSettings settings() {
    return new TopicSettings(durability, segmentSize, maxMessageSize, new TreeMap<>());
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

  @Override
  public boolean equals(Object other) {
    return other instanceof TopicConfig that
        && durability.equals(that.durability)
        && maxMessageSize == that.maxMessageSize
        && segmentSize == that.segmentSize;
  }

  @Override
  public int hashCode() {
    return Objects.hash(durability, maxMessageSize, segmentSize);
  }

  @Override
  public String toString() {
    return "TopicConfig[durability=" + durability + ", maxMessageSize=" + maxMessageSize
        + ", segmentSize=" + segmentSize + "]";
  }

  /** Builds a configuration; one thread at a time. */
  public static final class Builder {
    private Durability durability = Durability.powerLoss();
    private int maxMessageSize = MIB;
    private int segmentSize = 64 * MIB;

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
