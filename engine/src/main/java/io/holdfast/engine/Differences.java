package io.holdfast.engine;

import io.holdfast.engine.error.ConfigurationMismatchException;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeSet;

/** Compares a configuration that is stored with one that is asked for. */
final class Differences {
  private Differences() {}

  static void refuse(
      String what,
      SortedMap<String, String> stored,
      SortedMap<String, String> asked,
      String otherwise) {
    StringJoiner differences = new StringJoiner("; ");
    Set<String> keys = new TreeSet<>(stored.keySet());
    keys.addAll(asked.keySet());
    for (String key : keys) {
      String value = stored.getOrDefault(key, "not set");
      String other = asked.getOrDefault(key, "not set");
      if (!value.equals(other)) {
        differences.add(key + " is " + value + ", asked for " + other);
      }
    }
    if (differences.length() > 0) {
      throw new ConfigurationMismatchException(
          what + " exists with another configuration: " + differences
              + ". Ask for the stored one, leave the configuration out" + otherwise);
    }
  }
}
