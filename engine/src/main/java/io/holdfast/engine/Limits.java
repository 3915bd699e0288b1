package io.holdfast.engine;

import java.time.Duration;

/** Checks of configuration values. */
final class Limits {
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
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + " is between " + least + " and " + most + ", not " + value);
    }
    return value;
  }
}
