package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An open loop at two rates, after a flood that compiles it and brings the contender to where it
 * stays. Message i is due at start + i / rate, and its latency counts from then. What fell into a
 * window in which the machine stalled is left out: a control thread that only reads the clock
 * tells, and so does the producer while nothing is due.
 *
 * <p>Arguments: payload, warmupMessages (of the flood), low and high (messages/s), warmupMillis (of
 * each rate), millis, floorBytes. Figures, each with the rate before it, as in 100000.p50: p50,
 * p90, p99, max (nanoseconds), late (share later than 10 us), lateAll (the same with the stalls),
 * kept (share of messages that count), cpu.
 */
final class LatencyQuickRun implements Workload {
  private static final long LATE_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    // Left open, for the JVM is killed: a close would force what nobody reads again.
    Contender contender = kind.open(directory, arguments.get("floorBytes"));
    try (LatencyLoop loop = new LatencyLoop(contender, arguments.getInt("payload"))) {
      loop.flood(
          arguments.get("warmupMessages"),
          Meter.LONGEST * arguments.millisAsNanos("warmupMillis"),
          figures);
      for (String name : List.of("low", "high")) {
        long rate = arguments.get(name);
        int warmup = messages(rate, arguments.get("warmupMillis"));
        int measured = messages(rate, arguments.get("millis"));
        Figures own = new Figures();
        report(loop.run(rate, warmup + measured, own), warmup, own);
        figures.putAll(rate + ".", own);
      }
    }
  }

  private static int messages(long rate, long millis) {
    return Math.toIntExact(rate * millis / 1000);
  }

  private static void report(LatencyLoop.Result result, int first, Figures figures) {
    long[] all = result.all(first);
    long[] kept = result.kept(first);
    figures.put("cpu", result.cpuMicros());
    figures.put("lateAll", new Percentiles(all).shareAbove(LATE_NANOS));
    figures.put("kept", (double) kept.length / all.length);
    if (kept.length > 0) {
      Percentiles percentiles = new Percentiles(kept);
      figures.put("p50", percentiles.at(0.5));
      figures.put("p90", percentiles.at(0.9));
      figures.put("p99", percentiles.at(0.99));
      figures.put("max", percentiles.at(1));
      figures.put("late", percentiles.shareAbove(LATE_NANOS));
    }
  }
}
