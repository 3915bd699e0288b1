package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * P8: what a message costs at a rate in front of a large backlog, beside one of a thousand, in a
 * heap of 64 MB. The stores are filled once; a run leaves a backlog as long as it was.
 */
final class GrowthSection implements Section {
  private static final int PAYLOAD = 64;
  private static final int RATE = 100_000;
  private static final long FEW = 1_000;
  private static final long FLOOD = 200_000; // messages, so that the hot code is compiled
  private static final int MOST_ROUNDS = 3;
  private static final double GROWTH = 1.1;
  private static final double HEAP = 64;

  private final Backlog large;
  private final Backlog small = new Backlog(FEW);

  GrowthSection(Scale scale) {
    large = new Backlog(scale.sizes().backlogMessages());
  }

  @Override
  public String target() {
    return "P8";
  }

  @Override
  public boolean isLast() {
    return true;
  }

  @Override
  public void round(Session session) {
    if (session.round() < MOST_ROUNDS) {
      small.run(session);
      large.run(session);
    }
  }

  @Override
  public void end(Session session) {
    List.of(small, large).forEach(store -> store.remove(session));
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        growth(samples, "append, p50"),
        growth(samples, "ack, p50"),
        growth(samples, "CPU of a message"),
        new Verdict(
            "P8",
            "heap in use, %,d behind".formatted(large.messages),
            samples.of(large.row("heap in use", Unit.MEBIBYTES)),
            Bound.atMost(HEAP).in("MiB")));
  }

  private Verdict growth(Samples samples, String what) {
    return new Verdict(
        "P8",
        "%s, %,d behind/%,d".formatted(what, large.messages, small.messages),
        samples.ratio(large.row(what, Unit.MICROS), small.row(what, Unit.MICROS)),
        Bound.atMost(GROWTH));
  }

  /** A store with so many messages that the group has not received. */
  private static final class Backlog {
    private final long messages;
    private Path directory; // null before the first run
    private boolean filled;

    Backlog(long messages) {
      this.messages = messages;
    }

    Row row(String what, Unit unit) {
      String whole = "%s, %,d behind".formatted(what, messages);
      return new Row("P8", whole, ContenderKind.QUEUE.toString(), unit);
    }

    void run(Session session) {
      Arguments arguments = Arguments.none().with("payload", PAYLOAD).with("messages", messages);
      if (directory == null) {
        directory = session.makeDirectory();
        filled =
            session
                .runIn(directory, WorkloadKind.GROWTH_FILL, ContenderKind.QUEUE, arguments)
                .isPresent();
      }
      if (filled) {
        Scale scale = session.scale();
        Arguments timed =
            scale
                .arguments(PAYLOAD)
                .with("rate", RATE)
                .with("warmupMessages", Math.min(FLOOD, scale.warmupMessages(PAYLOAD)));
        keep(
            session,
            session.runIn(directory, WorkloadKind.GROWTH, ContenderKind.QUEUE, timed));
      }
    }

    private void keep(Session session, Optional<Figures> figures) {
      session.keep(row("append, p50", Unit.MICROS), figures, "append");
      session.keep(row("ack, p50", Unit.MICROS), figures, "ack");
      session.keep(row("CPU of a message", Unit.MICROS), figures, "cpu");
      session.keep(row("page-in, p50", Unit.MICROS), figures, "pageIn");
      session.keep(row("CPU of the page-in", Unit.MICROS), figures, "pageInCpu");
      session.keep(row("heap in use", Unit.MEBIBYTES), figures, "heap");
    }

    void remove(Session session) {
      if (directory != null) {
        session.remove(directory);
      }
    }
  }
}
