package io.holdfast.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * The histograms of a run in HdrHistogram's log format, nanoseconds: one entry for the messages,
 * one with the tag {@code control}. The report stands above them as comments.
 */
final class HistogramLog {
  private HistogramLog() {}

  /** The file of a failed run says so in its name: {@code a.hlog} becomes {@code a.FAILED.hlog}. */
  static Path fileFor(Path asked, boolean passed) {
    if (passed) {
      return asked;
    }
    String name = asked.getFileName().toString();
    int dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length();
    return asked.resolveSibling(name.substring(0, dot) + ".FAILED" + name.substring(dot));
  }

  /** Writes a file, or replaces it. */
  static void write(Path file, String report, Outcome outcome, long startMillis, int seconds)
      throws IOException {
    try (PrintStream out =
        new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
      HistogramLogWriter log = new HistogramLogWriter(out);
      report.lines().forEach(log::outputComment);
      log.outputLogFormatVersion();
      log.outputStartTime(startMillis);
      log.setBaseTime(startMillis);
      log.outputLegend();
      put(log, outcome.latencies(), null, startMillis, seconds);
      put(log, outcome.control(), "control", startMillis, seconds);
      if (out.checkError()) {
        throw new IOException(file + ": could not be written");
      }
    }
  }

  private static void put(
      HistogramLogWriter log, Histogram histogram, String tag, long startMillis, int seconds) {
    Histogram copy = histogram.copy();
    copy.setTag(tag);
    copy.setStartTimeStamp(startMillis);
    copy.setEndTimeStamp(startMillis + seconds * 1000L);
    log.outputIntervalHistogram(copy);
  }
}
