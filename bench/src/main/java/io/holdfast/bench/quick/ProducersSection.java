package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** What a producer costs over the batches of the storage layer, and what taking each once does. */
final class ProducersSection implements Section {
  private static final String TARGET = "producers";
  private static final int PAYLOAD = 256;
  private static final double TO_BATCHES = 0.8;
  private static final double ONCE = 0.85;
  private static final long WARMUP_MILLIS = 300;

  private static final Row BATCHES = row("batches of the storage layer");
  private static final Row ASYNC = row("sendAsync");
  private static final Row SEQUENCES = row("sendAsync with sequences");
  private static final Row IDS = row("sendAsync with ids");

  private static Row row(String what) {
    return new Row(TARGET, "powerLoss, 256 B, " + what, "ours", Unit.RATE);
  }

  @Override
  public String target() {
    return TARGET;
  }

  @Override
  public void round(Session session) {
    Arguments arguments =
        session
            .scale()
            .arguments(PAYLOAD)
            .with("warmupMillis", Math.min(WARMUP_MILLIS, session.scale().warmupMillis()));
    Optional<Figures> figures =
        session.run(WorkloadKind.PRODUCERS, ContenderKind.OURS_KEEP, arguments);
    session.keep(BATCHES, figures, "batches.rate", "batches.cpu");
    session.keep(ASYNC, figures, "async.rate", "async.cpu");
    session.keep(SEQUENCES, figures, "sequences.rate", "sequences.cpu");
    session.keep(IDS, figures, "ids.rate", "ids.cpu");
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            TARGET,
            "powerLoss, 256 B, sendAsync/batches of the storage layer",
            samples.ratio(ASYNC, BATCHES),
            Bound.atLeast(TO_BATCHES)),
        new Verdict(
            TARGET,
            "powerLoss, 256 B, sendAsync with sequences/without",
            samples.ratio(SEQUENCES, ASYNC),
            Bound.atLeast(ONCE)),
        new Verdict(
            TARGET,
            "powerLoss, 256 B, sendAsync with ids/without",
            samples.ratio(IDS, ASYNC),
            Bound.atLeast(ONCE)));
  }
}
