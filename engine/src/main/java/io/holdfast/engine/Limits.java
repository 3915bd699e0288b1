package io.holdfast.engine;

import java.time.Duration;
import java.util.Objects;

/** Checks of configuration values. */
final class Limits {
  /** The longest time for which anything is kept, waits or counts: a thousand years. */
  static final Duration LONGEST = Duration.ofDays(365_000);

  private Limits() {}

  static int within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is between " + least + " and " + most + ", not " + value);
    }
    return (int) value;
  }

  static long atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is at least " + least + ", not " + value);
    }
    return value;
  }

  static Duration within(String name, Duration value, Duration least, Duration most) {
    Objects.requireNonNull(value, name);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + " is between " + least + " and " + most + ", not " + value);
    }
    return value;
  }
}
