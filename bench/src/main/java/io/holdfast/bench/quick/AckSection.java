package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P5: acks in random order by one thread and by four, beside the bits alone. */
final class AckSection implements Section {
  private static final int PAYLOAD = 64;
  private static final List<Integer> THREADS = List.of(1, 4);
  private static final int BLOCKS = 4;
  private static final double PER_SECOND = 5e6;
  private static final double TO_ONE = 1;

  private final int deliveries;

  AckSection(Scale scale) {
    deliveries = scale.sizes().inFlight();
  }

  private Row row(String who) {
    return new Row(
        "P5", "random acks, %,d out, %s".formatted(deliveries, who), "ours", Unit.RATE);
  }

  private Row floor(String what) {
    return new Row("P5", "%s, %,d, 1 thread".formatted(what, deliveries), "floor", Unit.RATE);
  }

  private static Row share(String floor) {
    return new Row("P5", "random acks / " + floor, "ours", Unit.SHARE);
  }

  private static String threads(int count) {
    return count == 1 ? "1 thread" : count + " threads";
  }

  @Override
  public String target() {
    return "P5";
  }

  @Override
  public void round(Session session) {
    for (int threads : THREADS) {
      Arguments arguments =
          Arguments.none()
              .with("payload", PAYLOAD)
              .with("deliveries", deliveries)
              .with("threads", threads)
              .with("blocks", BLOCKS);
      Optional<Figures> figures =
          session.run(WorkloadKind.ACK, ContenderKind.QUEUE, arguments);
      session.keep(row(threads(threads)), figures, "rate");
      if (threads == 1) {
        session.keep(floor("random bits"), figures, "floor");
        session.keep(floor("bits of deliveries"), figures, "coldFloor");
        session.keep(share("random bits"), figures, "share");
        session.keep(share("bits of deliveries"), figures, "coldShare");
      }
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    Row one = row(threads(1));
    return List.of(
        new Verdict(
            "P5",
            "random acks, %,d out".formatted(deliveries),
            samples.of(one),
            Bound.atLeast(PER_SECOND).in("/s")),
        new Verdict(
            "P5",
            "random acks, 4 threads/1",
            samples.ratio(row(threads(4)), one),
            Bound.atLeast(TO_ONE)));
  }
}
