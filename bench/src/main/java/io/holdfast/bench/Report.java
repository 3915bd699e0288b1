package io.holdfast.bench;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A run as people read it: the verdict, what was asked for and where, the percentiles, counts. */
final class Report {
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

  private final StringBuilder text = new StringBuilder();

  private Report() {}

  /** The whole text, several lines. */
  static String of(LatencyOptions options, Environment environment, Outcome outcome) {
    Report report = new Report();
    String verdict = outcome.passed() ? "passed" : "FAILED";
    report.line("Holdfast latency, level %s: %s", options.level(), verdict);
    outcome.failures().forEach(failure -> report.line("FAILED: %s", failure));
    report.line("");
    report.conditions(options, environment);
    report.line("");
    report.percentiles(outcome);
    report.line("");
    report.counts(outcome);
    return report.text.toString();
  }

  private void conditions(LatencyOptions options, Environment environment) {
    row("durability", options.durability().toString());
    row("rate", format("%,d messages/s, open loop", options.rate()));
    row("payload", format("%,d bytes", options.payload()));
    row("batch", format("up to %,d an append", options.batch()));
    row("duration", format("%d s after %d s of warm-up", options.seconds(), options.warmup()));
    row("threads", "1 sender, 1 receiver, both spin");
    row("control", Control.describe(environment.processors()));
    row("JDK", environment.jdk());
    row("kernel", environment.kernel());
    row("CPU", format("%d x %s", environment.processors(), environment.cpu()));
    row("file system", environment.fileSystem());
  }

  private void percentiles(Outcome outcome) {
    line("%-12s %12s %12s", "us", "messages", "control");
    for (double percentile : PERCENTILES) {
      String name = "p" + (percentile % 1 == 0 ? format("%.0f", percentile) : percentile);
      times(
          name,
          outcome.latencies().getValueAtPercentile(percentile),
          outcome.control().getValueAtPercentile(percentile));
    }
    times("max", outcome.latencies().getMaxValue(), outcome.control().getMaxValue());
    line(
        "%-12s %,12d %,12d",
        "count", outcome.latencies().getTotalCount(), outcome.control().getTotalCount());
  }

  private void times(String name, long messageNanos, long controlNanos) {
    line("%-12s %,12.2f %,12.2f", name, messageNanos / 1e3, controlNanos / 1e3);
  }

  private void counts(Outcome outcome) {
    row("throughput", format("%,.0f messages/s received", outcome.throughput()));
    row("messages", format("%,d sent, %s", outcome.sent(), outcome.faults()));
  }

  private void row(String name, String value) {
    line("%-12s %s", name, value);
  }

  private void line(String format, Object... values) {
    text.append(format(format, values)).append('\n');
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
