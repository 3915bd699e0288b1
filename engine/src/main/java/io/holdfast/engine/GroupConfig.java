package io.holdfast.engine;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The configuration of a consumer group, stored with it. Immutable.
 *
 * <p>Defaults: an ackTimeout of 30 s, 15 min of processing, 6 attempts with a backoff of 1 s, 5 s,
 * 30 s, 2 min, 10 min, 1,000 messages in flight, 10,000 waiting for a retry, no order, any free
 * consumer, 3 redrives. A group begins with the oldest message of each topic.
 */
public final class GroupConfig {
  /** The value of {@link #maxAttempts()} that stands for no limit. */
  public static final int UNLIMITED_ATTEMPTS = Integer.MAX_VALUE;

  private final Duration ackTimeout;
  private final Duration maxProcessing;
  private final int maxAttempts;
  private final Backoff backoff;
  private final int maxInFlight;
  private final int maxRetrying;
  private final Ordering ordering;
  private final LoadSharing loadSharing;
  private final int maxRedrives;
  private final SortedMap<String, ErrorRule> errorRules; // never changed
  private final Duration expireAfter; // null: never

  private GroupConfig(Builder from) {
    this.ackTimeout = from.ackTimeout;
    this.maxProcessing = from.maxProcessing;
    this.maxAttempts = from.maxAttempts;
    this.backoff = from.backoff;
    this.maxInFlight = from.maxInFlight;
    this.maxRetrying = from.maxRetrying;
    this.ordering = from.ordering;
    this.loadSharing = from.loadSharing;
    this.maxRedrives = from.maxRedrives;
    this.errorRules = new TreeMap<>(from.errorRules);
    this.expireAfter = from.expireAfter;
  }

  /**
   * Returns the default configuration.
   *
   * @return the configuration
   */
  public static GroupConfig defaults() {
    return builder().build();
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
   * Returns how long a delivery may stay without an answer.
   *
   * @return 1 ms to 7 days
   */
  public Duration ackTimeout() {
    return ackTimeout;
  }

  /**
   * Returns how long a lease can be extended to, counted from the delivery.
   *
   * @return 1 ms to 7 days
   */
  public Duration maxProcessing() {
    return maxProcessing;
  }

  /**
   * Returns after how many failures (nacks and timeouts) a message becomes a dead letter.
   *
   * @return 1 to 65,535, or {@link #UNLIMITED_ATTEMPTS}
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * Returns how long a message waits after a failure.
   *
   * @return the backoff
   */
  public Backoff backoff() {
    return backoff;
  }

  /**
   * Returns how many messages of a topic may be out at once.
   *
   * @return at least 1
   */
  public int maxInFlight() {
    return maxInFlight;
  }

  /**
   * Returns how many messages of a topic may wait for a retry before first attempts stop.
   *
   * @return at least 1
   */
  public int maxRetrying() {
    return maxRetrying;
  }

  /**
   * Returns in which order messages are handed out.
   *
   * @return none unless set
   */
  public Ordering ordering() {
    return ordering;
  }

  /**
   * Returns which consumer gets a message.
   *
   * @return any free one unless set
   */
  public LoadSharing loadSharing() {
    return loadSharing;
  }

  /**
   * Returns how often a message may come back from the dead letters.
   *
   * @return 0 to 1,000
   */
  public int maxRedrives() {
    return maxRedrives;
  }

  /**
   * Returns which errors mean something else than a retry.
   *
   * @return by the name of the class of the error; a copy
   */
  public Map<String, ErrorRule> errorRules() {
    return new TreeMap<>(errorRules);
  }

  /**
   * Returns how long the group may go unused before it is deleted.
   *
   * @return empty for ever, unless set
   */
  public Optional<Duration> expireAfter() {
    return Optional.ofNullable(expireAfter);
  }

  /**
   * Returns what an error means: the rule of its class, else of the nearest class above it that
   * has one.
   *
   * @param error of a handler
   * @return null where it is a failure like others
   */
  ErrorRule ruleFor(Throwable error) {
    if (errorRules.isEmpty()) {
      return null;
    }
    for (Class<?> type = error.getClass(); type != null; type = type.getSuperclass()) {
      ErrorRule rule = errorRules.get(type.getName());
      if (rule != null) {
        return rule;
      }
    }
    return null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GroupConfig that
        && ackTimeout.equals(that.ackTimeout)
        && maxProcessing.equals(that.maxProcessing)
        && maxAttempts == that.maxAttempts
        && backoff.equals(that.backoff)
        && maxInFlight == that.maxInFlight
        && maxRetrying == that.maxRetrying
        && ordering.equals(that.ordering)
        && loadSharing == that.loadSharing
        && maxRedrives == that.maxRedrives
        && errorRules.equals(that.errorRules)
        && Objects.equals(expireAfter, that.expireAfter);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        ackTimeout,
        maxProcessing,
        maxAttempts,
        backoff,
        maxInFlight,
        maxRetrying,
        ordering,
        loadSharing,
        maxRedrives,
        errorRules,
        expireAfter);
  }

  @Override
  public String toString() {
    return "GroupConfig[ackTimeout=" + ackTimeout + ", maxProcessing=" + maxProcessing
        + ", maxAttempts=" + (maxAttempts == UNLIMITED_ATTEMPTS ? "unlimited" : maxAttempts)
        + ", backoff=" + backoff + ", maxInFlight=" + maxInFlight
        + ", maxRetrying=" + maxRetrying + ", ordering=" + ordering
        + ", loadSharing=" + loadSharing + ", maxRedrives=" + maxRedrives
        + ", errorRules=" + errorRules
        + ", expireAfter=" + (expireAfter == null ? "never" : expireAfter) + "]";
  }

  /** Builds a configuration; one thread at a time. */
  public static final class Builder {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    private Duration ackTimeout = Duration.ofSeconds(30);
    private Duration maxProcessing = Duration.ofMinutes(15);
    private int maxAttempts = 6;
    private Backoff backoff =
        Backoff.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10));
    private int maxInFlight = 1_000;
    private int maxRetrying = 10_000;
    private Ordering ordering = Ordering.none();
    private LoadSharing loadSharing = LoadSharing.ANY_FREE;
    private int maxRedrives = 3;
    private Duration expireAfter;
    private final SortedMap<String, ErrorRule> errorRules = new TreeMap<>();

    private Builder() {}

    /**
     * Sets how long a delivery may stay without an answer.
     *
     * @param time 1 ms to 7 days
     * @return this
     */
    public Builder ackTimeout(Duration time) {
      ackTimeout = Limits.within("ackTimeout", time, SHORTEST, LONGEST);
      return this;
    }

    /**
     * Sets how long a lease can be extended to, by {@code extend} or because its handler runs.
     *
     * @param time 1 ms to 7 days, counted from the delivery
     * @return this
     */
    public Builder maxProcessing(Duration time) {
      maxProcessing = Limits.within("maxProcessing", time, SHORTEST, LONGEST);
      return this;
    }

    /**
     * Sets after how many failures a message becomes a dead letter.
     *
     * @param failures 1 to 65,535
     * @return this
     */
    public Builder maxAttempts(int failures) {
      maxAttempts = Limits.within("maxAttempts", failures, 1, 65_535);
      return this;
    }

    /**
     * Has messages retried for ever.
     *
     * @return this
     */
    public Builder unlimitedAttempts() {
      maxAttempts = UNLIMITED_ATTEMPTS;
      return this;
    }

    /**
     * Sets how long a message waits after a failure.
     *
     * @param delays the backoff
     * @return this
     */
    public Builder backoff(Backoff delays) {
      backoff = Objects.requireNonNull(delays, "backoff");
      return this;
    }

    /**
     * Sets how many messages of a topic may be out at once; then {@code receive} waits.
     *
     * @param count 1 to 1,000,000
     * @return this
     */
    public Builder maxInFlight(int count) {
      maxInFlight = Limits.within("maxInFlight", count, 1, 1_000_000);
      return this;
    }

    /**
     * Sets how many messages of a topic may wait for a retry before first attempts stop.
     *
     * @param count 1 to 1,000,000
     * @return this
     */
    public Builder maxRetrying(int count) {
      maxRetrying = Limits.within("maxRetrying", count, 1, 1_000_000);
      return this;
    }

    /**
     * Sets in which order messages are handed out.
     *
     * @param order none, by key or total
     * @return this
     */
    public Builder ordering(Ordering order) {
      ordering = Objects.requireNonNull(order, "ordering");
      return this;
    }

    /**
     * Sets which consumer gets a message where several could have it.
     *
     * @param sharing any free one, in turn, or by key
     * @return this
     */
    public Builder loadSharing(LoadSharing sharing) {
      loadSharing = Objects.requireNonNull(sharing, "loadSharing");
      return this;
    }

    /**
     * Sets how often a message may come back from the dead letters.
     *
     * @param times 0 to 1,000
     * @return this
     */
    public Builder maxRedrives(int times) {
      maxRedrives = Limits.within("maxRedrives", times, 0, 1_000);
      return this;
    }

    /**
     * Says what errors of a class, and of those below it that have no rule of their own, mean.
     *
     * @param type of the error that a handler throws or a nack is given; causes do not count
     * @param rule fatal or throttle
     * @return this
     */
    public Builder onError(Class<? extends Throwable> type, ErrorRule rule) {
      return onError(type.getName(), rule);
    }

    /**
     * Says the same of a class by its name.
     *
     * @param type full name of the class; need not be there
     * @param rule fatal or throttle
     * @return this
     */
    public Builder onError(String type, ErrorRule rule) {
      if (!type.matches("[A-Za-z0-9_$.]{1,256}")) {
        throw new IllegalArgumentException(
            "the name of a class has 1 to 256 letters, digits, '.', '$' and '_': " + type);
      }
      errorRules.put(type, Objects.requireNonNull(rule, "rule"));
      return this;
    }

    /**
     * Has the group deleted when it was not used for so long: no consumer or subscription was open.
     * Only time counts in which the store is open and the group not paused.
     *
     * @param time 1 minute to 365,000 days
     * @return this
     */
    public Builder expireAfter(Duration time) {
      expireAfter =
          Limits.within("expireAfter", time, Duration.ofMinutes(1), Limits.LONGEST);
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @return a new configuration
     * @throws IllegalArgumentException for a total order whose load is shared by key
     */
    public GroupConfig build() {
      if (ordering.kind() == Ordering.Kind.TOTAL && loadSharing == LoadSharing.BY_KEY) {
        throw new IllegalArgumentException(
            "a total order has one message of a topic out, so its load cannot be shared by key;"
                + " take another loadSharing, or order by key");
      }
      return new GroupConfig(this);
    }
  }
}
