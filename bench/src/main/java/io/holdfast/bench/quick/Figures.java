package io.holdfast.bench.quick;

import io.holdfast.bench.Faults;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What one run measured: numbers by name, and what went wrong. */
final class Figures {
  private static final String PREFIX = "figure ";
  private static final String FAULT = "fault ";

  private final Map<String, Double> values = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  void put(String name, double value) {
    values.put(name, value);
  }

  /** Notes what makes the run worthless, if anything does. */
  void put(Faults found) {
    if (!found.none()) {
      fault(found.toString());
    }
  }

  void fault(String what) {
    faults.add(what.replace('\n', ' '));
  }

  /** Takes over another's, with something before each name. */
  void putAll(String prefix, Figures other) {
    other.values.forEach((name, value) -> put(prefix + name, value));
    other.faults.forEach(fault -> fault(prefix + " " + fault));
  }

  List<String> faults() {
    return List.copyOf(faults);
  }

  OptionalDouble get(String name) {
    Double value = values.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** One line a number or fault, for {@link #read}. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    values.forEach(
        (name, value) -> lines.add(String.format(Locale.ROOT, "%s%s %s", PREFIX, name, value)));
    faults.forEach(fault -> lines.add(FAULT + fault));
    return lines;
  }

  /** Takes a line in; lines of any other form are passed over. */
  void read(String line) {
    if (line.startsWith(FAULT)) {
      faults.add(line.substring(FAULT.length()));
    } else if (line.startsWith(PREFIX)) {
      String[] words = line.split(" ");
      values.put(words[1], Double.parseDouble(words[2]));
    }
  }
}
