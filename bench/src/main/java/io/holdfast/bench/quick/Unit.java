package io.holdfast.bench.quick;

import java.util.Locale;

/** How a figure is printed. */
enum Unit {
  /** Messages a second. */
  RATE("/s"),
  /** Nanoseconds, printed as microseconds. */
  MICROS("us"),
  /** Milliseconds. */
  MILLIS("ms"),
  /** Bytes. */
  BYTES("B"),
  /** Mebibytes. */
  MEBIBYTES("MiB"),
  /** So many, of whatever the row says. */
  COUNT(""),
  /** Bytes of each operation. */
  BYTES_PER_OPERATION("B/op"),
  /** Part of a whole, printed as a percentage. */
  SHARE("%");

  private static final double NANOS_PER_MICRO = 1e3;

  private final String text;

  Unit(String text) {
    this.text = text;
  }

  /** A figure with its unit. */
  String format(double value) {
    return switch (this) {
      case RATE -> rate(value);
      case MICROS -> text("%.2f %s", value / NANOS_PER_MICRO, text);
      case COUNT -> text("%,.0f", value);
      case MILLIS, BYTES, MEBIBYTES -> text("%.1f %s", value, text);
      case BYTES_PER_OPERATION -> text("%.3f %s", value, text);
      case SHARE -> text("%.3f %s", value * 100, text);
    };
  }

  private static String rate(double value) {
    if (value >= 1e6) {
      return text("%.2f M/s", value / 1e6);
    }
    return value >= 1e4 ? text("%.1f k/s", value / 1e3) : text("%.0f /s", value);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
