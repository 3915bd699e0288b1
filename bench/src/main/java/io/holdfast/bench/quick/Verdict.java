package io.holdfast.bench.quick;

import java.util.Locale;
import java.util.Optional;

/**
 * Whether one target was met. Immutable.
 *
 * @param target P1 to P12
 * @param what is held against the bound
 * @param measured median, minimum and maximum over the rounds; empty when nothing was measured
 * @param bound of the median
 */
record Verdict(String target, String what, Optional<Spread> measured, Bound bound) {
  private static final double MANY = 100;

  /** Whether it was measured, and the median is on the right side. */
  boolean passed() {
    return measured.isPresent() && bound.holds(measured.get().median());
  }

  /** {@code P1 what 1.23 (target >= 4; 1.10 to 1.40 in 5 rounds) MISS}. */
  @Override
  public String toString() {
    if (measured.isEmpty()) {
      return "%s %s - (target %s) NOT MEASURED".formatted(target, what, bound);
    }
    Spread spread = measured.get();
    return "%s %s %s%s (target %s; %s to %s in %d %s) %s"
        .formatted(
            target,
            what,
            number(spread.median()),
            bound.suffix(),
            bound,
            number(spread.min()),
            number(spread.max()),
            spread.rounds(),
            spread.rounds() == 1 ? "round" : "rounds",
            passed() ? "PASS" : "MISS");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= MANY ? "%.0f" : "%.3g", value);
  }
}
