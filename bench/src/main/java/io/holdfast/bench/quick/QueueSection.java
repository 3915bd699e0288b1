package io.holdfast.bench.quick;

import java.util.ArrayList;
import java.util.List;

/** P5: one thread sends, one receives and acks each message, at two sizes. */
final class QueueSection implements Section {
  private static final List<Integer> PAYLOADS = List.of(64, 1024);
  private static final List<ContenderKind> CONTENDERS =
      List.of(ContenderKind.QUEUE, ContenderKind.CHRONICLE_NAMED, ContenderKind.ARTEMIS);

  /** Of payload that the sender may be ahead: the slowest works through it in a second. */
  private static final long WINDOW_BYTES = 1 << 20;

  /** So that the segments have their full size; what cannot do that many warms up for a time. */
  private static final long WARMUP_BYTES = 64 << 20;

  /** Rounds of which one measures the larger payload and the peer that is far away, too. */
  private static final int ALL_EVERY = 2;

  private static final double TO_TAILER = 1;
  private static final double TO_ARTEMIS = 50;

  private static Row row(int payload, ContenderKind contender) {
    return new Row("P5", "queue 1+1, " + payload + " B", contender.toString(), Unit.RATE);
  }

  @Override
  public String target() {
    return "P5";
  }

  @Override
  public void round(Session session) {
    boolean all = session.round() % ALL_EVERY == 0;
    for (int payload : PAYLOADS) {
      for (ContenderKind contender : CONTENDERS) {
        boolean slow = payload != PAYLOADS.get(0) || contender == ContenderKind.ARTEMIS;
        if (slow && !all) {
          continue;
        }
        long warmup = Math.min(WARMUP_BYTES, session.scale().warmupBytes());
        Arguments arguments =
            session
                .scale()
                .arguments(payload)
                .with("producers", 1)
                .with("windowBytes", WINDOW_BYTES)
                .with("warmupMessages", warmup / PAYLOADS.get(0));
        var figures = session.run(WorkloadKind.STREAM, contender, arguments);
        session.keep(row(payload, contender), figures, "rate", "cpu");
      }
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    List<Verdict> verdicts = new ArrayList<>();
    for (int payload : PAYLOADS) {
      verdicts.add(verdict(samples, payload, ContenderKind.CHRONICLE_NAMED, TO_TAILER));
      verdicts.add(verdict(samples, payload, ContenderKind.ARTEMIS, TO_ARTEMIS));
    }
    return verdicts;
  }

  private static Verdict verdict(
      Samples samples, int payload, ContenderKind peer, double least) {
    return new Verdict(
        "P5",
        "queue %d B, ours/%s".formatted(payload, peer),
        samples.ratio(row(payload, ContenderKind.QUEUE), row(payload, peer)),
        Bound.atLeast(least));
  }
}
