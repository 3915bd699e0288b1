package io.holdfast.bench.quick;

import java.util.List;

/** P4: four producers at once and one reader. */
final class ManyProducersSection implements Section {
  private static final int PAYLOAD = 64;
  private static final int PRODUCERS = 4;
  private static final List<ContenderKind> CONTENDERS =
      List.of(ContenderKind.OURS, ContenderKind.CHRONICLE);
  private static final double TO_PEER = 3;
  private static final double TO_ONE = 0.8;

  private static Row row(ContenderKind contender) {
    return new Row("P4", "stream 4+1, 64 B", contender.toString(), Unit.RATE);
  }

  @Override
  public String target() {
    return "P4";
  }

  @Override
  public void round(Session session) {
    for (ContenderKind contender : CONTENDERS) {
      Arguments arguments =
          session.scale().arguments(PAYLOAD).with("producers", PRODUCERS);
      var figures = session.run(WorkloadKind.STREAM, contender, arguments);
      session.keep(row(contender), figures, "rate", "cpu");
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    Row ours = row(ContenderKind.OURS);
    return List.of(
        new Verdict(
            "P4",
            "4 producers 64 B, ours/Chronicle",
            samples.ratio(ours, row(ContenderKind.CHRONICLE)),
            Bound.atLeast(TO_PEER)),
        new Verdict(
            "P4",
            "4 producers 64 B, ours/our 1 producer of P1",
            samples.ratio(ours, StreamSection.row(PAYLOAD, ContenderKind.OURS)),
            Bound.atLeast(TO_ONE)));
  }
}
