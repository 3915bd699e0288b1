package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * P7: how long an engine takes to open with two groups on each of many topics, and what it takes
 * while nothing is done with it.
 */
final class IdleGroups {
  private static final int GROUPS = 2;
  private static final long IDLE_MILLIS = 2_000;
  private static final double OPEN_MILLIS = 3_000;
  private static final double CPU_MILLIS = 5; // of a second

  private final int topics;
  private boolean filled;

  IdleGroups(int topics) {
    this.topics = topics;
  }

  private Row row(String what, Unit unit) {
    String whole = "%,d topics x %d groups: %s".formatted(topics, GROUPS, what);
    return new Row("P7", whole, "ours", unit);
  }

  /** Attaches the groups to the topics of a store that was killed. */
  void fill(Session session, Path directory) {
    Arguments arguments = Arguments.none().with("groups", GROUPS);
    filled =
        session
            .runIn(directory, WorkloadKind.GROUPS, ContenderKind.QUEUE, arguments)
            .isPresent();
  }

  void run(Session session, Path directory) {
    if (!filled) {
      return;
    }
    Arguments arguments =
        Arguments.none().with("topics", topics).with("idleMillis", IDLE_MILLIS);
    Optional<Figures> figures =
        session.runIn(directory, WorkloadKind.IDLE, ContenderKind.QUEUE, arguments);
    session.keep(row("open", Unit.MILLIS), figures, "openMillis");
    session.keep(row("idle CPU/s", Unit.MILLIS), figures, "idleMillis");
    session.keep(row("maps", Unit.COUNT), figures, "maps");
    session.keep(row("heap", Unit.MEBIBYTES), figures, "heap");
    session.keep(row("resident", Unit.MEBIBYTES), figures, "resident");
    session.keep(row("disk", Unit.MEBIBYTES), figures, "disk");
  }

  List<Verdict> verdicts(Samples samples) {
    return List.of(
        verdict(samples, row("open", Unit.MILLIS), OPEN_MILLIS),
        verdict(samples, row("idle CPU/s", Unit.MILLIS), CPU_MILLIS));
  }

  private static Verdict verdict(Samples samples, Row row, double millis) {
    return new Verdict("P7", row.what(), samples.of(row), Bound.atMost(millis).in("ms"));
  }
}
