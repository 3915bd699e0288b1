package io.holdfast.engine;

import io.holdfast.storage.RecordBatch;
import java.time.Duration;

/**
 * The configuration of a producer. Immutable.
 *
 * <p>Defaults: 10,000 pending messages of together 32 MiB, batches of 256, a linger of 1 ms, a
 * confirmation within 30 s, no limit of the rate.
 */
public final class ProducerConfig {
  private static final int MIB = 1024 * 1024;

  private final String name;
  private final int maxPendingMessages;
  private final int maxPendingBytes;
  private final int maxBatchSize;
  private final Duration linger;
  private final Duration confirmTimeout;
  private final long rateLimitBps;
  private final boolean isAscending;

  private ProducerConfig(Builder from) {
    this.name = from.name;
    this.maxPendingMessages = from.maxPendingMessages;
    this.maxPendingBytes = from.maxPendingBytes;
    this.maxBatchSize = from.maxBatchSize;
    this.linger = from.linger;
    this.confirmTimeout = from.confirmTimeout;
    this.rateLimitBps = from.rateLimitBps;
    this.isAscending = from.isAscending;
  }

  /**
   * Returns the default configuration with a name.
   *
   * @param name letters, digits, '_' and '-', at most 64; stored with each message
   * @return the configuration
   */
  public static ProducerConfig named(String name) {
    return builder(name).build();
  }

  /**
   * Begins a configuration with the defaults.
   *
   * @param name letters, digits, '_' and '-', at most 64; stored with each message
   * @return a builder
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Returns the producer's name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns how many asynchronous sends may be without an answer.
   *
   * @return at least 1
   */
  public int maxPendingMessages() {
    return maxPendingMessages;
  }

  /**
   * Returns how many bytes asynchronous sends without an answer may hold.
   *
   * @return bytes
   */
  public int maxPendingBytes() {
    return maxPendingBytes;
  }

  /**
   * Returns how many asynchronous sends are appended together at most.
   *
   * @return at least 1
   */
  public int maxBatchSize() {
    return maxBatchSize;
  }

  /**
   * Returns how long an asynchronous send waits for others to join it.
   *
   * @return 0 to 1 s
   */
  public Duration linger() {
    return linger;
  }

  /**
   * Returns how long an asynchronous send that was appended may be without an answer.
   *
   * @return 1 ms to 1 day
   */
  public Duration confirmTimeout() {
    return confirmTimeout;
  }

  /**
   * Returns how much payload passes in a second.
   *
   * @return bits; 0 = no limit
   */
  public long rateLimitBps() {
    return rateLimitBps;
  }

  /**
   * Returns whether the producer never sends a lower sequence after a higher one.
   *
   * @return false unless that was declared
   */
  public boolean isAscending() {
    return isAscending;
  }

  /** Builds a configuration; one thread at a time. */
  public static final class Builder {
    private final String name;
    private int maxPendingMessages = 10_000;
    private int maxPendingBytes = 32 * MIB;
    private int maxBatchSize = 256;
    private Duration linger = Duration.ofMillis(1);
    private Duration confirmTimeout = Duration.ofSeconds(30);
    private long rateLimitBps;
    private boolean isAscending;

    private Builder(String name) {
      this.name = Names.plain("producer", name);
    }

    /**
     * Sets how many asynchronous sends may be without an answer; then {@code sendAsync} waits.
     *
     * @param count 1 to 10,000,000
     * @return this
     */
    public Builder maxPendingMessages(int count) {
      maxPendingMessages = Limits.within("maxPendingMessages", count, 1, 10_000_000);
      return this;
    }

    /**
     * Sets how many bytes asynchronous sends without an answer may hold; then {@code sendAsync}
     * waits. One message alone may be larger.
     *
     * @param bytes 1 to 1 GiB
     * @return this
     */
    public Builder maxPendingBytes(int bytes) {
      maxPendingBytes = Limits.within("maxPendingBytes", bytes, 1, 1024 * MIB);
      return this;
    }

    /**
     * Sets how many asynchronous sends are appended together at most.
     *
     * @param count 1 to 4,096
     * @return this
     */
    public Builder maxBatchSize(int count) {
      maxBatchSize = Limits.within("maxBatchSize", count, 1, RecordBatch.MAX_SIZE);
      return this;
    }

    /**
     * Sets how long an asynchronous send waits for others to join it. {@code send} never waits, and
     * nothing waits for others while one of them waits for room. With 0 a batch is what came while
     * the one before it was on its way to the device, so that a send that finds nothing under way
     * goes at once.
     *
     * @param time 0 to 1 s
     * @return this
     */
    public Builder linger(Duration time) {
      linger = Limits.within("linger", time, Duration.ZERO, Duration.ofSeconds(1));
      return this;
    }

    /**
     * Sets how long the device has to confirm an asynchronous send, from its append on; then it is
     * answered with a {@link io.holdfast.engine.error.SendOutcomeUnknownException}. {@code send}
     * and {@code sendAll} take as long as the device does: their threads are those that force.
     *
     * @param time 1 ms to 1 day
     * @return this
     */
    public Builder confirmTimeout(Duration time) {
      confirmTimeout =
          Limits.within("confirmTimeout", time, Duration.ofMillis(1), Duration.ofDays(1));
      return this;
    }

    /**
     * Sets how much payload passes in a second; who sends more waits, and is never refused for it.
     * What was saved up in a pause is at most a tenth of a second. Asynchronous sends wait in the
     * background, and their callers once maxPendingMessages are reached; a close has what is
     * pending sent at once.
     *
     * @param bits 0 = no limit
     * @return this
     */
    public Builder rateLimitBps(long bits) {
      rateLimitBps = Limits.atLeast("rateLimitBps", bits, 0);
      return this;
    }

    /**
     * Declares that the producer never sends a message with a lower {@linkplain
     * Message.Builder#sequence sequence} for the first time after one with a higher sequence. So
     * one that is lower than those that the topic knows one by one is a duplicate, whose place is
     * not known; without this it is refused. A send that has failed was no first time: whoever
     * sends asynchronously must not go on for a thousand messages behind one that has failed.
     *
     * @return this
     */
    public Builder ascending() {
      isAscending = true;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @return a new configuration
     */
    public ProducerConfig build() {
      return new ProducerConfig(this);
    }
  }
}
