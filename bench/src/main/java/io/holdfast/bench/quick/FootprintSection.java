package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P9: bytes on disk of a message of 64 bytes. */
final class FootprintSection implements Section {
  private static final int PAYLOAD = 64;
  private static final long BYTES = 128L << 20;
  private static final double TO_PAYLOAD = 1.55;
  private static final Row BYTES_ROW =
      new Row("P9", "disk per message, 64 B", "ours", Unit.BYTES);
  private static final Row RATIO = new Row("P9", "disk / payload, 64 B", "ours", Unit.SHARE);

  @Override
  public String target() {
    return "P9";
  }

  @Override
  public int rounds(Scale scale) {
    return 1; // the same each time
  }

  @Override
  public void round(Session session) {
    long bytes = Math.min(BYTES, 2 * session.scale().maxBytes());
    Arguments arguments =
        Arguments.none().with("payload", PAYLOAD).with("bytes", bytes);
    Optional<Figures> figures =
        session.run(WorkloadKind.FOOTPRINT, ContenderKind.OURS_KEEP, arguments);
    session.keep(BYTES_ROW, figures, "perMessage");
    session.keep(RATIO, figures, "ratio");
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            "P9",
            "disk per 64 B message/payload",
            samples.of(RATIO),
            Bound.atMost(TO_PAYLOAD)));
  }
}
