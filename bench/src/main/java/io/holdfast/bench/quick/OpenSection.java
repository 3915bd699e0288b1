package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * P7: how long a store takes to open whose process was killed, with a backlog of two sizes and with
 * many topics. The stores are filled once, and each opening is killed like the filling was.
 */
final class OpenSection implements Section {
  private static final int PAYLOAD = 1024;
  private static final int MAX_MESSAGE = 64 << 10;
  private static final double BACKLOG_MILLIS = 1000;
  private static final double GROWTH = 1.2;
  private static final double TOPICS_MILLIS = 3000;

  /** It is no ratio, and takes seconds. */
  private static final int TOPICS_ROUNDS = 2;

  private final Scale.Sizes sizes;
  private final Killed large;
  private final Killed small;
  private final Killed topics;
  private final IdleGroups groups;

  OpenSection(Scale scale) {
    sizes = scale.sizes();
    long bytes = sizes.backlogBytes();
    large = new Killed(1, bytes, "open, %,d MiB of backlog".formatted(bytes >> 20));
    long less = bytes / sizes.growth();
    small = new Killed(1, less, "open, %,d MiB of backlog".formatted(less >> 20));
    topics = new Killed(sizes.topics(), 0, "open, %,d topics".formatted(sizes.topics()));
    groups = new IdleGroups(sizes.topics());
  }

  private static Row row(String what) {
    return new Row("P7", what, "ours", Unit.MILLIS);
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
    List.of(small, large).forEach(store -> store.open(session));
    if (session.round() < TOPICS_ROUNDS || sizes.cold()) {
      boolean isNew = topics.directory == null;
      topics.open(session);
      if (isNew) {
        groups.fill(session, topics.directory);
      }
      groups.run(session, topics.directory);
    }
    if (sizes.cold()) {
      List.of(small, large, topics).forEach(store -> store.openCold(session));
    }
  }

  @Override
  public void end(Session session) {
    List.of(small, large, topics).forEach(store -> store.remove(session));
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(verdict(samples, large.row, BACKLOG_MILLIS));
    verdicts.add(growth(samples, large.row, small.row, ""));
    verdicts.add(verdict(samples, topics.row, TOPICS_MILLIS));
    verdicts.addAll(groups.verdicts(samples));
    if (sizes.cold()) {
      verdicts.add(verdict(samples, large.coldRow, BACKLOG_MILLIS));
      verdicts.add(growth(samples, large.coldRow, small.coldRow, ", cold"));
      verdicts.add(verdict(samples, topics.coldRow, TOPICS_MILLIS));
    }
    return verdicts;
  }

  private static Verdict verdict(Samples samples, Row row, double millis) {
    return new Verdict("P7", row.what(), samples.of(row), Bound.atMost(millis).in("ms"));
  }

  private Verdict growth(Samples samples, Row more, Row less, String how) {
    return new Verdict(
        "P7",
        "open, growth over a backlog %d times as large%s".formatted(sizes.growth(), how),
        samples.ratio(more, less),
        Bound.atMost(GROWTH));
  }

  /** A store on disk whose process was killed. */
  private static final class Killed {
    private final int count;
    private final long bytes;
    private final Row row;
    private final Row coldRow;
    private Path directory; // null before the first opening
    private OptionalDouble messages = OptionalDouble.empty();

    Killed(int count, long bytes, String what) {
      this.count = count;
      this.bytes = bytes;
      this.row = row(what);
      this.coldRow = row(what + ", cold");
    }

    /** Where the kernel can be made to forget the files. */
    void openCold(Session session) {
      if (messages.isPresent() && session.forget(directory)) {
        open(session, coldRow);
      }
    }

    void open(Session session) {
      if (directory == null) {
        fill(session);
      }
      open(session, row);
    }

    private void open(Session session, Row to) {
      if (messages.isPresent()) {
        Arguments arguments =
            Arguments.none()
                .with("payload", PAYLOAD)
                .with("messages", (long) messages.getAsDouble());
        Optional<Figures> figures =
            session.runIn(directory, WorkloadKind.OPEN, ContenderKind.OURS_KEEP, arguments);
        session.keep(to, figures, "openMillis");
      }
    }

    private void fill(Session session) {
      directory = session.makeDirectory();
      Arguments arguments =
          Arguments.none()
              .with("payload", PAYLOAD)
              .with("topics", count)
              .with("bytes", bytes)
              .with("maxMessageSize", MAX_MESSAGE);
      messages =
          session
              .runIn(directory, WorkloadKind.BACKLOG, ContenderKind.OURS_KEEP, arguments)
              .map(figures -> figures.get("messages"))
              .orElse(OptionalDouble.empty());
    }

    void remove(Session session) {
      if (directory != null) {
        session.remove(directory);
      }
    }
  }
}
