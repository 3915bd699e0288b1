package io.holdfast.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How a run keeps times: nanoseconds, three significant digits, up to ten minutes. */
final class Latencies {
  /** Longer ones count as this; the sender gives up long before. */
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(10);

  private static final int DIGITS = 3;

  private Latencies() {}

  /** An empty histogram, which never allocates again. */
  static Histogram newHistogram() {
    return new Histogram(1, MAX_NANOS, DIGITS);
  }

  static void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.max(0, Math.min(nanos, MAX_NANOS)));
  }
}
