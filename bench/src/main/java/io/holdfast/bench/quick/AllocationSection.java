package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P10: bytes allocated by an append, a record that is polled, and an ack. */
final class AllocationSection implements Section {
  private static final int PAYLOAD = 64;
  private static final Row APPEND =
      new Row("P10", "append, 64 B", "ours", Unit.BYTES_PER_OPERATION);
  private static final Row APPEND_ALL =
      new Row("P10", "append, 64 B, rolls included", "ours", Unit.BYTES_PER_OPERATION);
  private static final Row POLL =
      new Row("P10", "poll of 1, 64 B", "ours", Unit.BYTES_PER_OPERATION);
  private static final Row POLL_ALL =
      new Row("P10", "poll of 1, 64 B, rolls included", "ours", Unit.BYTES_PER_OPERATION);
  private static final Row RECEIVE =
      new Row("P10", "receive, a message, 64 B", "ours", Unit.BYTES_PER_OPERATION);
  private static final Row ACK = new Row("P10", "ack", "ours", Unit.BYTES_PER_OPERATION);
  private static final Row ACK_ALL =
      new Row("P10", "ack, chunks included", "ours", Unit.BYTES_PER_OPERATION);

  @Override
  public String target() {
    return "P10";
  }

  @Override
  public int rounds(Scale scale) {
    return 1; // the same each time
  }

  @Override
  public void round(Session session) {
    Optional<Figures> figures =
        session.run(
            WorkloadKind.ALLOCATION,
            ContenderKind.OURS_KEEP,
            Arguments.none().with("payload", PAYLOAD));
    session.keep(APPEND, figures, "append");
    session.keep(APPEND_ALL, figures, "appendAll");
    session.keep(POLL, figures, "poll");
    session.keep(POLL_ALL, figures, "pollAll");
    session.keep(RECEIVE, figures, "receive");
    session.keep(ACK, figures, "ack");
    session.keep(ACK_ALL, figures, "ackAll");
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    Bound none = Bound.atMost(0).in("B/op");
    return List.of(
        new Verdict("P10", "allocation of an append", samples.of(APPEND), none),
        new Verdict("P10", "allocation of a poll", samples.of(POLL), none),
        new Verdict("P10", "allocation of an ack", samples.of(ACK), none));
  }
}
