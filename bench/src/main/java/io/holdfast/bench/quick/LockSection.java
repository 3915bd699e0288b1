package io.holdfast.bench.quick;

import java.util.List;

/**
 * The lock that an append is made under: some kinds beside each other, with as many producers as
 * the decision was made with. No target hangs on it, so it runs only when it is asked for by name.
 */
final class LockSection implements Section {
  private static final List<Integer> PRODUCERS = List.of(1, 4, 64);

  private static Row row(int producers, String figure, LockKind lock, Unit unit) {
    String what = "%d + reader, %s".formatted(producers, figure);
    return new Row("lock", what, lock.toString(), unit);
  }

  @Override
  public String target() {
    return "lock";
  }

  @Override
  public boolean onlyByName() {
    return true;
  }

  @Override
  public void round(Session session) {
    for (int producers : PRODUCERS) {
      for (LockKind lock : LockKind.values()) {
        Arguments arguments =
            session
                .scale()
                .arguments(LockedLog.PAYLOAD)
                .with("producers", producers)
                .with("lock", lock.ordinal());
        var figures = session.run(WorkloadKind.LOCK, ContenderKind.FLOOR, arguments);
        session.keep(row(producers, "records", lock, Unit.RATE), figures, "rate", "cpu");
        session.keep(
            row(producers, "longest wait", lock, Unit.MILLIS), figures, "longestMillis");
        session.keep(row(producers, "least/most", lock, Unit.SHARE), figures, "share");
      }
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of();
  }
}
