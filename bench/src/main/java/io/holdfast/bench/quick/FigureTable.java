package io.holdfast.bench.quick;

import java.util.Locale;
import java.util.Optional;

/** All rows with median, minimum and maximum, and the CPU time beside them. */
final class FigureTable {
  private static final String FORMAT = "%-4s %-40s %-23s %12s %12s %12s %7s %10s%n";

  private FigureTable() {}

  /** The whole text, with a line that names the columns. */
  static String of(Samples samples) {
    StringBuilder text = new StringBuilder();
    text.append(
        line("", "workload", "contender", "median", "min", "max", "rounds", "CPU s/M"));
    for (Row row : samples.rows()) {
      Spread spread = samples.of(row).orElseThrow();
      Unit unit = row.unit();
      Optional<Spread> cpu = samples.cpuOf(row);
      text.append(
          line(
              row.target(),
              row.what(),
              row.contender(),
              unit.format(spread.median()),
              unit.format(spread.min()),
              unit.format(spread.max()),
              Integer.toString(spread.rounds()),
              cpu.map(c -> String.format(Locale.ROOT, "%.3f", c.median())).orElse("")));
    }
    return text.toString();
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, FORMAT, cells).stripTrailing() + "\n";
  }
}
