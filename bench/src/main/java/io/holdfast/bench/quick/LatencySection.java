package io.holdfast.bench.quick;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** P3: end to end latency in an open loop at two rates. */
final class LatencySection implements Section {
  private static final int PAYLOAD = 64;
  private static final List<Integer> RATES = List.of(100_000, 500_000);
  private static final List<ContenderKind> JUDGED =
      List.of(ContenderKind.OURS, ContenderKind.CHRONICLE_TOUCH);

  /** No target is held against these: they do not run in every round. */
  private static final List<ContenderKind> BESIDE =
      List.of(ContenderKind.CHRONICLE, ContenderKind.FLOOR);

  private static final int BESIDE_EVERY = 3;

  /** Of payload: some segments, so that those that follow have their full size. */
  private static final long FLOOD_BYTES = 128L << 20;

  private static final double MEDIAN_TO_PEER = 1.1;
  private static final double TAIL_TO_PEER = 0.5;

  private static Row row(int rate, String figure, ContenderKind contender) {
    Unit unit = figure.startsWith("p") ? Unit.MICROS : Unit.SHARE;
    String what = "%,d/s 64 B, %s".formatted(rate, figure);
    return new Row("P3", what, contender.toString(), unit);
  }

  @Override
  public String target() {
    return "P3";
  }

  @Override
  public void round(Session session) {
    JUDGED.forEach(contender -> run(session, contender));
    if (session.round() % BESIDE_EVERY == 0) {
      BESIDE.forEach(contender -> run(session, contender));
    }
  }

  private static void run(Session session, ContenderKind contender) {
    long flood = Math.min(FLOOD_BYTES, session.scale().warmupBytes());
    Arguments arguments =
        session
            .scale()
            .arguments(PAYLOAD)
            .with("warmupMessages", flood / PAYLOAD)
            .with("low", RATES.get(0))
            .with("high", RATES.get(1));
    Optional<Figures> figures = session.run(WorkloadKind.LATENCY, contender, arguments);
    for (int rate : RATES) {
      session.keep(row(rate, "p50", contender), figures, rate + ".p50", rate + ".cpu");
      session.keep(row(rate, "p90", contender), figures, rate + ".p90");
      session.keep(row(rate, "p99", contender), figures, rate + ".p99");
      session.keep(row(rate, "later than 10 us", contender), figures, rate + ".late");
      session.keep(row(rate, "the same, stalls too", contender), figures, rate + ".lateAll");
      session.keep(row(rate, "counted", contender), figures, rate + ".kept");
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    List<Verdict> verdicts = new ArrayList<>();
    for (int rate : RATES) {
      verdicts.add(verdict(samples, rate, "p50", MEDIAN_TO_PEER));
    }
    verdicts.add(verdict(samples, RATES.get(1), "p90", TAIL_TO_PEER));
    for (int rate : RATES) {
      verdicts.add(verdict(samples, rate, "later than 10 us", TAIL_TO_PEER));
    }
    return verdicts;
  }

  private static Verdict verdict(Samples samples, int rate, String figure, double most) {
    return new Verdict(
        "P3",
        "%,d/s %s, ours/microTouch".formatted(rate, figure),
        samples.ratio(
            row(rate, figure, ContenderKind.OURS),
            row(rate, figure, ContenderKind.CHRONICLE_TOUCH)),
        Bound.atMost(most));
  }
}
