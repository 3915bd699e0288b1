package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P6: senders that wait for the device, and the bare write and force they are held against. */
final class PowerLossSection implements Section {
  private static final int PAYLOAD = 64;
  private static final List<Integer> SENDERS = List.of(1, 8, 64);
  private static final double TO_BARE = 1.3;
  private static final double TO_ONE = 10;
  private static final long WARMUP_MILLIS = 200;
  private static final long MILLIS = 500;

  private static final Row BARE =
      new Row("P6", "bare pwrite + fdatasync, 96 B", "device", Unit.RATE);

  private static Row row(int senders) {
    return new Row("P6", "powerLoss, waiting: " + senders, "ours", Unit.RATE);
  }

  @Override
  public String target() {
    return "P6";
  }

  @Override
  public void round(Session session) {
    long millis = Math.min(MILLIS, session.scale().millis());
    Arguments arguments =
        session
            .scale()
            .arguments(PAYLOAD)
            .with("warmupMillis", Math.min(WARMUP_MILLIS, session.scale().warmupMillis()))
            .with("millis", millis);
    for (int senders : SENDERS) {
      Optional<Figures> figures =
          session.run(
              WorkloadKind.POWER_LOSS,
              ContenderKind.OURS_KEEP,
              arguments.with("senders", senders));
      session.keep(row(senders), figures, "rate", "cpu");
      if (senders == 1) { // right behind the one it is held against
        session.keep(
            BARE,
            session.run(WorkloadKind.BARE_FORCE, ContenderKind.FLOOR, arguments),
            "rate",
            "cpu");
      }
    }
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
            samples.ratio(row(SENDERS.get(2)), row(1)),
            Bound.atLeast(TO_ONE)));
  }
}
