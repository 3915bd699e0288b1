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
 * <p>Defaults: {@code powerLoss}, messages of at most 1 MiB, segments of 64 MiB, kept until
 * consumed, without limits.
 */
public final class TopicConfig {
  /** The value of a limit that there is none. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final int MIB = 1024 * 1024;
  private static final String MAX_AGE = "maxAge";
  private static final String ON_EXPIRY = "onExpiry";
  private static final String RETENTION = "retention";
  private static final String WHEN_NO_GROUP = "whenNoGroup";
  private static final String MAX_MESSAGES = "maxMessages";
  private static final String MAX_BYTES = "maxBytes";
  private static final String ON_FULL = "onFull";
  private static final String DEDUP_WINDOW = "dedupWindow";
  private static final String DEDUP_COUNT = "dedupCount";
  private static final Duration DEFAULT_DEDUP_WINDOW = Duration.ofMinutes(2);
  private static final int DEFAULT_DEDUP_COUNT = 100_000;

  private final Durability durability;
  private final int maxMessageSize;
  private final int segmentSize;
  private final Duration maxAge; // null where messages do not expire by age
  private final OnExpiry onExpiry;
  private final Retention retention;
  private final WhenNoGroup whenNoGroup;
  private final long maxMessages;
  private final long maxBytes;
  private final OnFull onFull;
  private final Duration dedupWindow;
  private final int dedupCount;

  private TopicConfig(Builder from) {
    this.durability = from.durability;
    this.maxMessageSize = from.maxMessageSize;
    this.segmentSize = from.segmentSize;
    this.maxAge = from.maxAge;
    this.onExpiry = from.onExpiry;
    this.retention = from.retention;
    this.whenNoGroup = from.whenNoGroup;
    this.maxMessages = from.maxMessages;
    this.maxBytes = from.maxBytes;
    this.onFull = from.onFull;
    this.dedupWindow = from.dedupWindow;
    this.dedupCount = from.dedupCount;
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
    apply(extra, RETENTION, text -> builder.retention(Retention.parse(text)));
    apply(extra, WHEN_NO_GROUP, text -> builder.whenNoGroup(WhenNoGroup.valueOf(text)));
    apply(extra, MAX_MESSAGES, text -> builder.maxMessages(Long.parseLong(text)));
    apply(extra, MAX_BYTES, text -> builder.maxBytes(Long.parseLong(text)));
    apply(extra, ON_FULL, text -> builder.onFull(OnFull.parse(text)));
    apply(
        extra,
        DEDUP_WINDOW,
        text -> builder.dedupWindow(Duration.parse(text), builder.dedupCount));
    apply(
        extra,
        DEDUP_COUNT,
        text -> builder.dedupWindow(builder.dedupWindow, Integer.parseInt(text)));
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
    extra.put(RETENTION, retention.toString());
    extra.put(WHEN_NO_GROUP, whenNoGroup.toString());
    extra.put(ON_FULL, onFull.toString());
    if (maxMessages < UNLIMITED) {
      extra.put(MAX_MESSAGES, Long.toString(maxMessages));
    }
    if (maxBytes < UNLIMITED) {
      extra.put(MAX_BYTES, Long.toString(maxBytes));
    }
    if (!dedupWindow.equals(DEFAULT_DEDUP_WINDOW)) {
      extra.put(DEDUP_WINDOW, dedupWindow.toString());
    }
    if (dedupCount != DEFAULT_DEDUP_COUNT) {
      extra.put(DEDUP_COUNT, Integer.toString(dedupCount));
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

  /**
   * Returns how long messages are kept.
   *
   * @return the retention
   */
  public Retention retention() {
    return retention;
  }

  /**
   * Returns what becomes of messages while no group is on the topic.
   *
   * @return the answer
   */
  public WhenNoGroup whenNoGroup() {
    return whenNoGroup;
  }

  /**
   * Returns how many messages the group with the most may have unfinished.
   *
   * @return {@link #UNLIMITED} where there is no bound
   */
  public long maxMessages() {
    return maxMessages;
  }

  /**
   * Returns how many bytes the topic's files may have.
   *
   * @return {@link #UNLIMITED} where there is no bound
   */
  public long maxBytes() {
    return maxBytes;
  }

  /**
   * Returns what a send does where one of the two is reached.
   *
   * @return the answer
   */
  public OnFull onFull() {
    return onFull;
  }

  /**
   * Returns how long the topic remembers the {@linkplain Message.Builder#dedupId ids} of messages.
   *
   * @return 2 minutes unless it was set
   */
  public Duration dedupWindow() {
    return dedupWindow;
  }

  /**
   * Returns how many {@linkplain Message.Builder#dedupId ids} of messages the topic remembers.
   *
   * @return 100,000 unless it was set
   */
  public int dedupCount() {
    return dedupCount;
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
    private Retention retention = Retention.untilConsumed();
    private WhenNoGroup whenNoGroup = WhenNoGroup.KEEP;
    private long maxMessages = UNLIMITED;
    private long maxBytes = UNLIMITED;
    private OnFull onFull = OnFull.block();
    private Duration dedupWindow = DEFAULT_DEDUP_WINDOW;
    private int dedupCount = DEFAULT_DEDUP_COUNT;

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
      maxAge = Limits.within(MAX_AGE, age, Duration.ofMillis(1), Limits.LONGEST);
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
     * Sets how long messages are kept.
     *
     * @param value until all groups are done with them, unless it says otherwise
     * @return this
     */
    public Builder retention(Retention value) {
      retention = Objects.requireNonNull(value, "retention");
      return this;
    }

    /**
     * Sets what becomes of messages while no group is on the topic.
     *
     * @param value KEEP, unless it says otherwise
     * @return this
     */
    public Builder whenNoGroup(WhenNoGroup value) {
      whenNoGroup = Objects.requireNonNull(value, "whenNoGroup");
      return this;
    }

    /**
     * Bounds the messages that the group with the most has unfinished: neither done nor dead
     * letters. What is over the bound is refused before it is written, and several producers
     * together never pass it.
     *
     * <p>With no group these are all that are kept, also what a group had consumed that was
     * deleted, as long as its file is there; {@link OnFull#dropOldest} drops whole files then, and
     * may pass the bound by one. With another {@link WhenNoGroup} than KEEP there is no bound
     * while there is no group.
     *
     * @param messages 1 or more; {@link #UNLIMITED} unless set
     * @return this
     */
    public Builder maxMessages(long messages) {
      maxMessages = Limits.atLeast(MAX_MESSAGES, messages, 1);
      return this;
    }

    /**
     * Bounds the bytes of the topic's files, those of the oldest message that is kept included,
     * used or not. Files are at most a quarter of it.
     *
     * @param bytes room for four of the largest batches or more: 1,097,728 where messages are
     *     small, 4,571,136 with a maxMessageSize of 1 MiB; {@link #UNLIMITED} unless set
     * @return this
     */
    public Builder maxBytes(long bytes) {
      maxBytes = Limits.atLeast(MAX_BYTES, bytes, 1);
      return this;
    }

    /**
     * Sets what a send does where maxMessages or maxBytes is reached.
     *
     * @param value waits for 20 seconds, unless it says otherwise
     * @return this
     */
    public Builder onFull(OnFull value) {
      onFull = Objects.requireNonNull(value, "onFull");
      return this;
    }

    /**
     * Sets how long, and how many, {@linkplain Message.Builder#dedupId ids} of messages the topic
     * remembers, whichever ends first. The first message with an id makes a file of 48 bytes for
     * each of them.
     *
     * @param time 1 s to 30 days
     * @param count 1 to 1,000,000
     * @return this
     */
    public Builder dedupWindow(Duration time, int count) {
      dedupWindow = Limits.within(DEDUP_WINDOW, time, Duration.ofSeconds(1), Duration.ofDays(30));
      dedupCount = Limits.within(DEDUP_COUNT, count, 1, 1_000_000);
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @return a new configuration
     * @throws IllegalArgumentException when a segment has no room for four messages, a bound in
     *     bytes none for four batches of the largest messages, or a topic is to drop what no group
     *     is there for and to keep what was consumed
     */
    public TopicConfig build() {
      TopicConfig config = new TopicConfig(this);
      TopicSettings settings = config.settings(); // storage checks how the sizes fit together
      checkRoom("maxBytes", maxBytes, settings);
      checkRoom("the retention's atMostBytes", retention.atMostBytes(), settings);
      if (whenNoGroup == WhenNoGroup.DROP
          && (!retention.isUntilConsumed() || retention.atLeastMillis() > 0)) {
        throw new IllegalArgumentException(
            "whenNoGroup DROP goes with the retention untilConsumed, not with " + retention
                + ", which keeps messages whether they were consumed or not");
      }
      return config;
    }

    private static void checkRoom(String name, long bytes, TopicSettings settings) {
      if (bytes < settings.leastBytes()) {
        throw new IllegalArgumentException(
            name + " is at least " + settings.leastBytes() + " with a maxMessageSize of "
                + settings.maxMessageSize() + ", room for four of the largest batches, not "
                + bytes);
      }
    }
  }
}
