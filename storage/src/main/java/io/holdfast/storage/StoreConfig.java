package io.holdfast.storage;

import java.util.Objects;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * How a store is opened. Immutable.
 *
 * @param clock gives the time of messages, epoch milliseconds; a step back is not followed
 */
public record StoreConfig(EpochClock clock) {

  /**
   * Checks the parts.
   *
   * @param clock not null
   */
  public StoreConfig {
    Objects.requireNonNull(clock, "clock");
  }

  /**
   * The system's clock.
   *
   * @return the configuration that most stores are opened with
   */
  public static StoreConfig defaults() {
    return new StoreConfig(SystemEpochClock.INSTANCE);
  }
}
