package io.holdfast.engine;

import io.holdfast.engine.message.AttributeLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The times of a message: absolute ones, and those that become absolute when it is sent. Immutable.
 *
 * @param deliverAt epoch milliseconds, or AT_ONCE
 * @param delay milliseconds from the sending on, or UNSET
 * @param expiresAt epoch milliseconds, or NEVER
 * @param timeToLive milliseconds, or UNSET
 */
record MessageTimes(long deliverAt, long delay, long expiresAt, long timeToLive) {
  static final long AT_ONCE = 0;
  static final long NEVER = Long.MAX_VALUE;

  private static final long UNSET = -1;
  private static final Instant FIRST = Instant.ofEpochMilli(AttributeLayout.FIRST_TIME);
  private static final Instant LAST = Instant.ofEpochMilli(AttributeLayout.LAST_TIME);

  /** A message that may be handed out at once and always. */
  static final MessageTimes NONE = new MessageTimes(AT_ONCE, UNSET, NEVER, UNSET);

  static Optional<Duration> duration(long millis) {
    return millis == UNSET ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  MessageTimes withDeliverAt(Instant time) {
    long millis = check("deliverAt", time).toEpochMilli();
    boolean isExact = time.getNano() % 1_000_000 == 0; // else it would be handed out too early
    return new MessageTimes(isExact ? millis : millis + 1, UNSET, expiresAt, timeToLive);
  }

  MessageTimes withDelay(Duration time) {
    long millis = Limits.within("delay", time, Duration.ZERO, Limits.LONGEST).toMillis();
    return new MessageTimes(AT_ONCE, millis == 0 ? UNSET : millis, expiresAt, timeToLive);
  }

  MessageTimes withExpiresAt(Instant time) {
    return new MessageTimes(deliverAt, delay, check("expiresAt", time).toEpochMilli(), UNSET);
  }

  MessageTimes withTimeToLive(Duration time) {
    Limits.within("timeToLive", time, Duration.ofMillis(1), Limits.LONGEST);
    return new MessageTimes(deliverAt, delay, NEVER, time.toMillis());
  }

  private static Instant check(String name, Instant time) {
    Objects.requireNonNull(time, name);
    if (time.isBefore(FIRST) || time.isAfter(LAST)) {
      throw new IllegalArgumentException(
          name + " is between " + FIRST + " and " + LAST + ", not " + time);
    }
    return time;
  }

  /** Returns what a message's text says of them: nothing where there is none. */
  @Override
  public String toString() {
    return (deliverAt == AT_ONCE ? "" : ", deliverAt=" + Instant.ofEpochMilli(deliverAt))
        + (delay == UNSET ? "" : ", delay=" + Duration.ofMillis(delay))
        + (expiresAt == NEVER ? "" : ", expiresAt=" + Instant.ofEpochMilli(expiresAt))
        + (timeToLive == UNSET ? "" : ", timeToLive=" + Duration.ofMillis(timeToLive));
  }
}
