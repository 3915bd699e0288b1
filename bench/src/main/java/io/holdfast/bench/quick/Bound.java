package io.holdfast.bench.quick;

import java.util.Locale;

/**
 * The side of a number on which a target lies. Immutable.
 *
 * @param atLeast whether more is better
 * @param limit the number, which is good enough by itself
 * @param suffix what is printed behind a figure: a unit, or nothing for a ratio
 */
record Bound(boolean atLeast, double limit, String suffix) {

  static Bound atLeast(double limit) {
    return new Bound(true, limit, "");
  }

  static Bound atMost(double limit) {
    return new Bound(false, limit, "");
  }

  /** The same with a unit. */
  Bound in(String unit) {
    return new Bound(atLeast, limit, " " + unit);
  }

  boolean holds(double value) {
    return atLeast ? value >= limit : value <= limit;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %s%s", atLeast ? ">=" : "<=", number(limit), suffix);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.valueOf(value);
  }
}
