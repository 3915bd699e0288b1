package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * P7: how much longer a store takes to its first delivery after a kill when a group has a history
 * with holes in it, beside the same store with a group that has not begun; at two lengths of the
 * history. As many messages as make a tenth of the shorter one are not done, in both, but not
 * more than can be out at once.
 */
final class RestartSection implements Section {
  private static final int HOLE_EVERY = 10;
  private static final int MOST_ROUNDS = 3;
  private static final double MILLIS = 50;
  private static final double GROWTH = 1.2;

  private final int growth;
  private final Killed large;
  private final Killed small;

  RestartSection(Scale scale) {
    int messages = scale.sizes().seekMessages();
    growth = scale.sizes().growth();
    int less = messages / growth;
    int holes = Math.min(less / HOLE_EVERY, GroupBacklogRun.MOST_HOLES);
    large = new Killed(messages, holes);
    small = new Killed(less, holes);
  }

  @Override
  public String target() {
    return "P7";
  }

  @Override
  public boolean isLast() {
    return true;
  }

  @Override
  public void round(Session session) {
    if (session.round() < MOST_ROUNDS) {
      List.of(small, large).forEach(store -> store.open(session));
    }
  }

  @Override
  public void end(Session session) {
    List.of(small, large).forEach(store -> store.remove(session));
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            "P7",
            large.moreRow.what() + ", over an empty group",
            samples.of(large.moreRow),
            Bound.atMost(MILLIS).in("ms")),
        new Verdict(
            "P7",
            "open and first delivery, growth over a history %d times as long".formatted(growth),
            samples.ratio(large.groupRow, small.groupRow),
            Bound.atMost(GROWTH)));
  }

  /** A store on disk whose process was killed. */
  private static final class Killed {
    private final long messages;
    private final long holes;
    private final Row moreRow;
    private final Row groupRow;
    private final Row emptyRow;
    private Path directory; // null before the first opening
    private Optional<Figures> filled = Optional.empty();

    Killed(long messages, long holes) {
      this.messages = messages;
      this.holes = holes;
      this.moreRow = row("first delivery, %,d, %,d not done".formatted(messages, holes), "group");
      String whole = "open and first delivery, %,d".formatted(messages);
      this.groupRow = row(whole, "group");
      this.emptyRow = row(whole, "empty group");
    }

    private static Row row(String what, String contender) {
      return new Row("P7", what, contender, Unit.MILLIS);
    }

    void open(Session session) {
      if (directory == null) {
        directory = session.makeDirectory();
        Arguments arguments = Arguments.none().with("messages", messages).with("holes", holes);
        filled =
            session.runIn(
                directory, WorkloadKind.GROUP_BACKLOG, ContenderKind.QUEUE, arguments);
        millis(session, 1); // once more, so that nothing is left to be forced that the fill left
      }
      Optional<Double> empty = millis(session, 1);
      Optional<Double> group = millis(session, 0);
      if (empty.isPresent() && group.isPresent()) {
        Figures figures = new Figures();
        figures.put("empty", empty.get());
        figures.put("group", group.get());
        figures.put("more", group.get() - empty.get());
        session.keep(emptyRow, Optional.of(figures), "empty");
        session.keep(groupRow, Optional.of(figures), "group");
        session.keep(moreRow, Optional.of(figures), "more");
      }
    }

    private Optional<Double> millis(Session session, int empty) {
      if (filled.isEmpty()) {
        return Optional.empty();
      }
      Arguments arguments =
          Arguments.none()
              .with("empty", empty)
              .with("unfinished", (long) filled.get().get("unfinished").getAsDouble());
      return session
          .runIn(directory, WorkloadKind.RESTART, ContenderKind.QUEUE, arguments)
          .map(figures -> figures.get("millis").getAsDouble());
    }

    void remove(Session session) {
      if (directory != null) {
        session.remove(directory);
      }
    }
  }
}
