package io.holdfast.bench.quick;

import java.util.ArrayList;
import java.util.List;

/** P1: one producer and one reader at full speed, at two sizes, and once keeping everything. */
final class StreamSection implements Section {
  private static final List<Integer> PAYLOADS = List.of(64, 1024);
  private static final List<ContenderKind> CONTENDERS =
      List.of(
          ContenderKind.OURS,
          ContenderKind.CHRONICLE,
          ContenderKind.FLOOR,
          ContenderKind.OURS_KEEP);
  private static final List<ContenderKind> JUDGED_MOST =
      List.of(ContenderKind.OURS, ContenderKind.CHRONICLE);

  /** Rounds of which one measures all contenders at the larger size, too. */
  private static final int ALL_EVERY = 2;

  private static final double TO_PEER = 4;
  private static final double TO_FLOOR = 0.7;
  private static final double KEPT_TO_PEER = 1.2;

  static Row row(int payload, ContenderKind contender) {
    return new Row(
        "P1", "stream 1+1, " + payload + " B", contender.toString(), Unit.RATE);
  }

  @Override
  public String target() {
    return "P1";
  }

  @Override
  public void round(Session session) {
    boolean all = session.round() % ALL_EVERY == 0;
    for (int payload : PAYLOADS) {
      boolean some = payload != PAYLOADS.get(0) && !all;
      for (ContenderKind contender : some ? JUDGED_MOST : CONTENDERS) {
        Arguments arguments = session.scale().arguments(payload).with("producers", 1);
        if (contender == ContenderKind.FLOOR) {
          arguments = arguments.with("maxBytes", Long.MAX_VALUE); // its files go round
        }
        var figures = session.run(WorkloadKind.STREAM, contender, arguments);
        session.keep(row(payload, contender), figures, "rate", "cpu");
      }
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    List<Verdict> verdicts = new ArrayList<>();
    for (int payload : PAYLOADS) {
      Row ours = row(payload, ContenderKind.OURS);
      Row kept = row(payload, ContenderKind.OURS_KEEP);
      Row peer = row(payload, ContenderKind.CHRONICLE);
      Row floor = row(payload, ContenderKind.FLOOR);
      String what = "stream " + payload + " B, ";
      verdicts.add(
          new Verdict(
              "P1", what + "ours/Chronicle", samples.ratio(ours, peer), Bound.atLeast(TO_PEER)));
      verdicts.add(
          new Verdict(
              "P1", what + "ours/floor", samples.ratio(ours, floor), Bound.atLeast(TO_FLOOR)));
      verdicts.add(
          new Verdict(
              "P1",
              what + "all kept, ours/Chronicle",
              samples.ratio(kept, peer),
              Bound.atLeast(KEPT_TO_PEER)));
    }
    return verdicts;
  }
}
