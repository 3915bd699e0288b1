package io.holdfast.engine;

import java.time.Duration;
import java.util.Objects;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * How an engine is opened.
 *
 * @param clock where the time comes from, in milliseconds since 1970
 * @param seed where the jitter of retries comes from; the same seed gives the same jitter
 * @param closeTimeout how long {@code close} waits for running handlers before it interrupts them,
 *     0 to 1 day; 30 s unless given
 */
public record EngineConfig(EpochClock clock, long seed, Duration closeTimeout) {
  /**
   * Checks the values.
   *
   * @param clock not null
   * @param seed any
   * @param closeTimeout 0 to 1 day
   */
  public EngineConfig {
    Objects.requireNonNull(clock, "clock");
    Limits.within("closeTimeout", closeTimeout, Duration.ZERO, Duration.ofDays(1));
  }

  /**
   * Returns the usual configuration: the system's clock, a seed from it, 30 s.
   *
   * @return the configuration
   */
  public static EngineConfig defaults() {
    return new EngineConfig(SystemEpochClock.INSTANCE, System.nanoTime(), Duration.ofSeconds(30));
  }

  /**
   * Returns this configuration with another clock.
   *
   * @param other the clock
   * @return a new configuration
   */
  public EngineConfig withClock(EpochClock other) {
    return new EngineConfig(other, seed, closeTimeout);
  }

  /**
   * Returns this configuration with another seed.
   *
   * @param other the seed
   * @return a new configuration
   */
  public EngineConfig withSeed(long other) {
    return new EngineConfig(clock, other, closeTimeout);
  }

  /**
   * Returns this configuration with another time for handlers to end.
   *
   * @param other 0 to 1 day
   * @return a new configuration
   */
  public EngineConfig withCloseTimeout(Duration other) {
    return new EngineConfig(clock, seed, other);
  }
}
