package io.holdfast.bench.quick;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The numbers that a workload is started with, by name. Immutable. */
final class Arguments {
  private final Map<String, Long> values;

  private Arguments(Map<String, Long> values) {
    this.values = values;
  }

  static Arguments none() {
    return new Arguments(Map.of());
  }

  /** These and one more. */
  Arguments with(String name, long value) {
    Map<String, Long> all = new LinkedHashMap<>(values);
    all.put(name, value);
    return new Arguments(all);
  }

  /** Reads what {@link #toList} wrote. */
  static Arguments parse(List<String> texts) {
    Arguments arguments = none();
    for (String text : texts) {
      int equals = text.indexOf('=');
      arguments =
          arguments.with(text.substring(0, equals), Long.parseLong(text.substring(equals + 1)));
    }
    return arguments;
  }

  List<String> toList() {
    List<String> texts = new ArrayList<>();
    values.forEach((name, value) -> texts.add(name + "=" + value));
    return texts;
  }

  /** A number that must be there. */
  long get(String name) {
    Long value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("expected the argument " + name + ", found " + values);
    }
    return value;
  }

  int getInt(String name) {
    return Math.toIntExact(get(name));
  }

  /** A meter for a run of at most this many messages. */
  Meter meter(long mostMessages) {
    return new Meter(
        millisAsNanos("warmupMillis"),
        get("warmupMessages"),
        mostMessages,
        millisAsNanos("millis"));
  }

  long millisAsNanos(String name) {
    return get(name) * 1_000_000;
  }
}
