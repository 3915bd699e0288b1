package io.holdfast.bench.quick;

import java.nio.file.Path;
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

  private final Killed large;
  private final Killed small;
  private final Killed topics;

  OpenSection(Scale scale) {
    long bytes = scale.backlogBytes();
    large = new Killed(1, bytes, row("open, %,d MiB of backlog".formatted(bytes >> 20)));
    long less = bytes / Scale.GROWTH;
    small = new Killed(1, less, row("open, %,d MiB of backlog".formatted(less >> 20)));
    topics = new Killed(scale.topics(), 0, row("open, %,d topics".formatted(scale.topics())));
  }

  private static Row row(String what) {
    return new Row("P7", what, "ours", Unit.MILLIS);
  }

  @Override
  public String target() {
    return "P7";
  }

  @Override
  public void round(Session session) {
    List.of(small, large).forEach(store -> store.open(session));
    if (session.round() < TOPICS_ROUNDS) {
      topics.open(session);
    }
  }

  @Override
  public void end(Session session) {
    List.of(small, large, topics).forEach(store -> store.remove(session));
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            "P7", large.row.what(), samples.of(large.row), Bound.atMost(BACKLOG_MILLIS).in("ms")),
        new Verdict(
            "P7",
            "open, growth over a backlog %d times as large".formatted(Scale.GROWTH),
            samples.ratio(large.row, small.row),
            Bound.atMost(GROWTH)),
        new Verdict(
            "P7", topics.row.what(), samples.of(topics.row), Bound.atMost(TOPICS_MILLIS).in("ms")));
  }

  /** A store on disk whose process was killed. */
  private static final class Killed {
    private final int count;
    private final long bytes;
    private final Row row;
    private Path directory; // null before the first opening
    private OptionalDouble messages = OptionalDouble.empty();

    Killed(int count, long bytes, Row row) {
      this.count = count;
      this.bytes = bytes;
      this.row = row;
    }

    void open(Session session) {
      if (directory == null) {
        fill(session);
      }
      if (messages.isPresent()) {
        Arguments arguments =
            Arguments.none()
                .with("payload", PAYLOAD)
                .with("messages", (long) messages.getAsDouble());
        Optional<Figures> figures =
            session.runIn(directory, WorkloadKind.OPEN, ContenderKind.OURS_KEEP, arguments);
        session.keep(row, figures, "openMillis");
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
