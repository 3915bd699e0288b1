package io.holdfast.bench.quick;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What all rounds gave, by row, in the order in which rows first came. For one thread. */
final class Samples {
  private final Map<Row, Map<Integer, Double>> values = new LinkedHashMap<>();
  private final Map<Row, List<Double>> cpu = new LinkedHashMap<>();

  void add(Row row, int round, double value) {
    values.computeIfAbsent(row, key -> new LinkedHashMap<>()).put(round, value);
  }

  /** CPU seconds per million messages of a row in a round. */
  void addCpu(Row row, double seconds) {
    cpu.computeIfAbsent(row, key -> new ArrayList<>()).add(seconds);
  }

  List<Row> rows() {
    return List.copyOf(values.keySet());
  }

  /** The figures of a row; empty when no round gave one. */
  Optional<Spread> of(Row row) {
    Map<Integer, Double> all = values.get(row);
    return all == null ? Optional.empty() : Optional.of(Spread.of(List.copyOf(all.values())));
  }

  Optional<Spread> cpuOf(Row row) {
    return Optional.ofNullable(cpu.get(row)).map(Spread::of);
  }

  /**
   * One row over another, round by round, so that what the machine does to a whole round cancels
   * out. Nothing over nothing is 1, something over nothing is infinite.
   *
   * @return empty when no round has both
   */
  Optional<Spread> ratio(Row over, Row under) {
    List<Double> ratios = new ArrayList<>();
    Map<Integer, Double> unders = values.getOrDefault(under, Map.of());
    values
        .getOrDefault(over, Map.of())
        .forEach(
            (round, value) -> {
              Double other = unders.get(round);
              if (other != null) {
                ratios.add(value == 0 && other == 0 ? 1 : value / other);
              }
            });
    return ratios.isEmpty() ? Optional.empty() : Optional.of(Spread.of(ratios));
  }
}
