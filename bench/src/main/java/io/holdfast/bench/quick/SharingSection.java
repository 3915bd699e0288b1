package io.holdfast.bench.quick;

import java.util.List;

/** P5: four consumers of a group beside one, on a full topic. */
final class SharingSection implements Section {
  private static final int PAYLOAD = 64;
  private static final List<Integer> CONSUMERS = List.of(1, 4);

  /** A JVM that runs four threads compiles later. */
  private static final int WARMUPS = 2;

  private static final double TO_ONE = 1;

  private static Row row(int consumers) {
    String what = consumers == 1 ? "full topic, 1 consumer, 64 B" : "full topic, 4 consumers, 64 B";
    return new Row("P5", what, ContenderKind.QUEUE.toString(), Unit.RATE);
  }

  @Override
  public String target() {
    return "P5";
  }

  @Override
  public void round(Session session) {
    for (int consumers : CONSUMERS) {
      Arguments arguments =
          Arguments.none()
              .with("payload", PAYLOAD)
              .with("messages", session.scale().sizes().queueMessages())
              .with("consumers", consumers)
              .with("warmups", WARMUPS);
      var figures = session.run(WorkloadKind.CONSUMERS, ContenderKind.QUEUE, arguments);
      session.keep(row(consumers), figures, "rate", "cpu");
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            "P5",
            "4 consumers of a group/1",
            samples.ratio(row(4), row(1)),
            Bound.atLeast(TO_ONE)));
  }
}
