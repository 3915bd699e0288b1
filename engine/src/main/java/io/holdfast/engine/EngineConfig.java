package io.holdfast.engine;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * How an engine is opened.
 *
 * @param clock where the time comes from, in milliseconds since 1970
 * @param monotonic what tells that the clock was set; it never goes back
 * @param seed where the jitter of retries comes from; the same seed gives the same jitter
 * @param closeTimeout how long {@code close} waits for running handlers before it interrupts them,
 *     0 to 1 day; 30 s unless given
 * @param listener told of events, or nothing
 * @param maxTransactionBytes most bytes of a transaction, with all of its messages, 64 KiB to 128
 *     MiB; 4 MiB unless given. The store sets aside room for two of them with the first commit
 */
public record EngineConfig(
    EpochClock clock,
    NanoClock monotonic,
    long seed,
    Duration closeTimeout,
    Optional<EngineListener> listener,
    int maxTransactionBytes) {
  private static final int MIB = 1 << 20;

  /**
   * Checks the values.
   *
   * @param clock not null
   * @param monotonic not null
   * @param seed any
   * @param closeTimeout 0 to 1 day
   * @param listener not null
   * @param maxTransactionBytes 64 KiB to 128 MiB
   */
  public EngineConfig {
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(monotonic, "monotonic");
    Objects.requireNonNull(listener, "listener");
    Limits.within("closeTimeout", closeTimeout, Duration.ZERO, Duration.ofDays(1));
    Limits.within("maxTransactionBytes", maxTransactionBytes, MIB / 16, 128 * MIB);
  }

  /**
   * Returns the usual configuration: the system's clocks, a seed from them, 30 s, no listener, 4
   * MiB.
   *
   * @return the configuration
   */
  public static EngineConfig defaults() {
    return new EngineConfig(
        SystemEpochClock.INSTANCE,
        SystemNanoClock.INSTANCE,
        System.nanoTime(),
        Duration.ofSeconds(30),
        Optional.empty(),
        4 * MIB);
  }

  /**
   * Returns this configuration with another clock. It is believed whatever it does, unless it is a
   * {@link NanoClock} too, or one is given with it.
   *
   * @param other the clock
   * @return a new configuration
   */
  public EngineConfig withClock(EpochClock other) {
    NanoClock same =
        other instanceof NanoClock both
            ? both
            : () -> TimeUnit.MILLISECONDS.toNanos(other.time());
    return withClocks(other, other instanceof SystemEpochClock ? SystemNanoClock.INSTANCE : same);
  }

  /**
   * Returns this configuration with another clock, and what tells that it was set.
   *
   * @param other the clock
   * @param nanos a clock that never goes back
   * @return a new configuration
   */
  public EngineConfig withClocks(EpochClock other, NanoClock nanos) {
    return new EngineConfig(other, nanos, seed, closeTimeout, listener, maxTransactionBytes);
  }

  /**
   * Returns this configuration with another seed.
   *
   * @param other the seed
   * @return a new configuration
   */
  public EngineConfig withSeed(long other) {
    return new EngineConfig(
        clock, monotonic, other, closeTimeout, listener, maxTransactionBytes);
  }

  /**
   * Returns this configuration with another time for handlers to end.
   *
   * @param other 0 to 1 day
   * @return a new configuration
   */
  public EngineConfig withCloseTimeout(Duration other) {
    return new EngineConfig(clock, monotonic, seed, other, listener, maxTransactionBytes);
  }

  /**
   * Returns this configuration with a listener of events.
   *
   * @param other told of what happens inside the engine
   * @return a new configuration
   */
  public EngineConfig withListener(EngineListener other) {
    return new EngineConfig(
        clock, monotonic, seed, closeTimeout, Optional.of(other), maxTransactionBytes);
  }

  /**
   * Returns this configuration with another bound of transactions. A lower one than before costs
   * nothing; with a higher one the log of transactions is made anew, at the next opening that finds
   * all of them applied.
   *
   * @param other bytes, 64 KiB to 128 MiB
   * @return a new configuration
   */
  public EngineConfig withMaxTransactionBytes(int other) {
    return new EngineConfig(clock, monotonic, seed, closeTimeout, listener, other);
  }
}
