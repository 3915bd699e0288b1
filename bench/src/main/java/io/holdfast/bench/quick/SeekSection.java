package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P11: seeks by offset and by time, in a topic of two sizes. */
final class SeekSection implements Section {
  private static final int PAYLOAD = 64;
  private static final int SEEKS = 20_000;
  private static final double P99_MICROS = 20;
  private static final double NANOS_PER_MICRO = 1000;

  private final int large;
  private final int small;

  SeekSection(Scale scale) {
    large = scale.sizes().seekMessages();
    small = large / scale.sizes().growth();
  }

  private static Row row(String by, int messages) {
    return new Row(
        "P11", "seek by %s, %,d, p99".formatted(by, messages), "ours", Unit.MICROS);
  }

  @Override
  public String target() {
    return "P11";
  }

  @Override
  public int rounds(Scale scale) {
    return 1; // thousands of seeks each
  }

  @Override
  public void round(Session session) {
    for (int messages : List.of(small, large)) {
      Optional<Figures> figures =
          session.run(
              WorkloadKind.SEEK,
              ContenderKind.OURS_KEEP,
              Arguments.none()
                  .with("payload", PAYLOAD)
                  .with("messages", messages)
                  .with("seeks", Math.min(SEEKS, messages / 2))
                  .with("millis", session.scale().millis() / 2));
      session.keep(row("offset", messages), figures, "offsetP99");
      session.keep(row("time", messages), figures, "timeP99");
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(verdict(samples, "offset"), verdict(samples, "time"));
  }

  private Verdict verdict(Samples samples, String by) {
    Optional<Spread> micros = samples.of(row(by, large)).map(s -> s.times(1 / NANOS_PER_MICRO));
    return new Verdict(
        "P11",
        "seek by %s in %,d messages, p99".formatted(by, large),
        micros,
        Bound.atMost(P99_MICROS).in("us"));
  }
}
