package io.holdfast.bench.quick;

import java.util.Arrays;

/** Exact percentiles of some times. Immutable. */
final class Percentiles {
  private final long[] sorted;

  /** Of at least one time. */
  Percentiles(long[] times) {
    if (times.length == 0) {
      throw new IllegalArgumentException("expected at least one time, found none");
    }
    sorted = times.clone();
    Arrays.sort(sorted);
  }

  /** The least time that this share of all does not exceed, 0 to 1. */
  long at(double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)];
  }

  /** The share of the times that exceed a bound. */
  double shareAbove(long bound) {
    long above = Arrays.stream(sorted).filter(time -> time > bound).count();
    return (double) above / sorted.length;
  }
}
