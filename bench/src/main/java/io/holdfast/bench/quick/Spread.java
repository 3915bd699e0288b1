package io.holdfast.bench.quick;

import java.util.List;

/**
 * What rounds gave: median, minimum and maximum. Immutable.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param min the least
 * @param max the most
 * @param rounds how many there were
 */
record Spread(double median, double min, double max, int rounds) {

  /** Of at least one value. */
  static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("expected at least one value, found none");
    }
    List<Double> sorted = values.stream().sorted().toList();
    int size = sorted.size();
    double median = (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
    return new Spread(median, sorted.get(0), sorted.get(size - 1), size);
  }

  /** The same in another unit. */
  Spread times(double factor) {
    return new Spread(median * factor, min * factor, max * factor, rounds);
  }
}
