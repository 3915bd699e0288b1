package io.holdfast.bench.quick;

import io.holdfast.engine.GroupConfig;
import java.util.List;
import java.util.Optional;

/**
 * P5: acks in random order by one thread and by four, beside the bits alone; with as many messages
 * out as a group allows unless told otherwise, where caches hold them, and with many more.
 */
final class AckSection implements Section {
  private static final int PAYLOAD = 64;
  private static final List<Integer> THREADS = List.of(1, 4);
  private static final int USUAL = GroupConfig.defaults().maxInFlight();
  private static final int USUAL_BLOCKS = 400;
  private static final int BLOCKS = 4;
  private static final int MANY_EVERY = 2; // rounds: many deliveries take seconds
  private static final double PER_SECOND = 5e6;
  private static final double TO_ONE = 1;

  private final int deliveries;

  AckSection(Scale scale) {
    deliveries = scale.sizes().inFlight();
  }

  private static Row row(int out, String who) {
    return new Row("P5", "random acks, %,d out, %s".formatted(out, who), "ours", Unit.RATE);
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
    session.keep(
        row(USUAL, threads(1)), acks(session, USUAL, USUAL_BLOCKS, 1), "rate");
    if (session.round() % MANY_EVERY == 0) {
      many(session);
    }
  }

  private void many(Session session) {
    for (int threads : THREADS) {
      Optional<Figures> figures = acks(session, deliveries, BLOCKS, threads);
      session.keep(row(deliveries, threads(threads)), figures, "rate");
      if (threads == 1) {
        session.keep(floor("random bits"), figures, "floor");
        session.keep(floor("bits of deliveries"), figures, "coldFloor");
        session.keep(share("random bits"), figures, "share");
        session.keep(share("bits of deliveries"), figures, "coldShare");
      }
    }
  }

  private static Optional<Figures> acks(Session session, int out, int blocks, int threads) {
    Arguments arguments =
        Arguments.none()
            .with("payload", PAYLOAD)
            .with("deliveries", out)
            .with("threads", threads)
            .with("blocks", blocks);
    return session.run(WorkloadKind.ACK, ContenderKind.QUEUE, arguments);
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    Row one = row(deliveries, threads(1));
    return List.of(
        rate(USUAL, samples),
        rate(deliveries, samples),
        new Verdict(
            "P5",
            "random acks, 4 threads/1",
            samples.ratio(row(deliveries, threads(4)), one),
            Bound.atLeast(TO_ONE)));
  }

  private static Verdict rate(int out, Samples samples) {
    return new Verdict(
        "P5",
        "random acks, %,d out".formatted(out),
        samples.of(row(out, threads(1))),
        Bound.atLeast(PER_SECOND).in("/s"));
  }
}
