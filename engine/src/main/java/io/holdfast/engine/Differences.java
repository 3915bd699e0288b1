package io.holdfast.engine;

import io.holdfast.engine.error.ConfigurationMismatchException;
import java.util.SortedMap;
import java.util.StringJoiner;

/** Compares a configuration that is stored with one that is asked for. */
final class Differences {
  private Differences() {}

  static void refuse(
      String what, SortedMap<String, String> stored, SortedMap<String, String> asked) {
    StringJoiner differences = new StringJoiner("; ");
    stored.forEach(
        (key, value) -> {
          String other = asked.get(key);
          if (!value.equals(other)) {
            differences.add(key + " is " + value + ", asked for " + other);
          }
        });
    if (differences.length() > 0) {
      throw new ConfigurationMismatchException(
          what + " exists with another configuration: " + differences
              + ". Ask for the stored one, or leave the configuration out");
    }
  }
}
