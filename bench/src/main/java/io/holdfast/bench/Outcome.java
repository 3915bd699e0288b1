package io.holdfast.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What a run measured, and why it failed if it did.
 *
 * @param latencies of the measured messages, nanoseconds
 * @param control lateness of the control's ticks in the same time, nanoseconds
 * @param sent messages, those of the warm-up included
 * @param throughput messages received a second, from the first measured one's due time on
 * @param faults found in what was received
 * @param failures one sentence each; empty when the run counts
 */
record Outcome(
    Histogram latencies,
    Histogram control,
    long sent,
    double throughput,
    Faults faults,
    List<String> failures) {

  /** The last message may be this late, or a hundredth of the run's time if that is more. */
  private static final long TOLERATED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Judges a run. */
  static Outcome of(
      LatencyOptions options, Sender.Sent sent, Receiver.Received received, Histogram control) {
    List<String> failures = new ArrayList<>();
    long tolerated = Math.max(TOLERATED_NANOS, options.seconds() * 10_000_000L);
    if (sent.messages() < options.messages() || sent.lateNanos() > tolerated) {
      failures.add(rateNotHeld(options, sent));
    }
    if (!received.faults().none()) {
      failures.add("messages: " + received.faults());
    }
    double seconds = received.measuredNanos() / 1e9;
    long measured = received.latencies().getTotalCount();
    double throughput = measured == 0 || seconds == 0 ? 0 : measured / seconds;
    return new Outcome(
        received.latencies(),
        control,
        sent.messages(),
        throughput,
        received.faults(),
        List.copyOf(failures));
  }

  private static String rateNotHeld(LatencyOptions options, Sender.Sent sent) {
    return String.format(
        Locale.ROOT,
        "the rate was not held: %,d of %,d messages sent, the last one %.1f ms late; "
            + "try a lower --rate or a larger --batch",
        sent.messages(),
        options.messages(),
        sent.lateNanos() / 1e6);
  }

  boolean passed() {
    return failures.isEmpty();
  }
}
