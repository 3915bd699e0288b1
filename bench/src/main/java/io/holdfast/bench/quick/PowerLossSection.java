package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P6: senders that wait for the device, and the bare write and force they are held against. */
final class PowerLossSection implements Section {
  private static final int PAYLOAD = 64;
  private static final double TO_BARE = 1.3;
  private static final double WAITING_TO_ONE = 10;
  private static final double PENDING_TO_ONE = 20;
  private static final long WARMUP_MILLIS = 200;

  private static final Row BARE =
      new Row("P6", "bare pwrite + fdatasync, 96 B", "device", Unit.RATE);
  private static final Row ASYNC =
      new Row("P6", "powerLoss, pending: " + DurableRun.PENDING, "ours", Unit.RATE);

  private static Row row(int senders) {
    return new Row("P6", "powerLoss, waiting: " + senders, "ours", Unit.RATE);
  }

  @Override
  public String target() {
    return "P6";
  }

  @Override
  public void round(Session session) {
    Arguments arguments =
        session
            .scale()
            .arguments(PAYLOAD)
            .with("warmupMillis", Math.min(WARMUP_MILLIS, session.scale().warmupMillis()));
    Optional<Figures> figures =
        session.run(WorkloadKind.DURABLE, ContenderKind.OURS_KEEP, arguments);
    keep(session, BARE, figures, "bare");
    for (int senders : DurableRun.SENDERS) {
      keep(session, row(senders), figures, Integer.toString(senders));
    }
    keep(session, ASYNC, figures, "async");
  }

  private static void keep(Session session, Row row, Optional<Figures> figures, String name) {
    session.keep(row, figures, name + ".rate", name + ".cpu");
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            "P6",
            "powerLoss 1 sender, time/bare pwrite + fdatasync",
            samples.ratio(BARE, row(1)),
            Bound.atMost(TO_BARE)),
        new Verdict(
            "P6",
            "powerLoss 64 waiting/1",
            samples.ratio(row(64), row(1)),
            Bound.atLeast(WAITING_TO_ONE)),
        new Verdict(
            "P6",
            "powerLoss 64 pending/1",
            samples.ratio(ASYNC, row(1)),
            Bound.atLeast(PENDING_TO_ONE)));
  }
}
