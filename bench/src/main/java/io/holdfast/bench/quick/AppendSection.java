package io.holdfast.bench.quick;

import java.util.List;
import java.util.Optional;

/** P2: append alone, segments made inside the clock, and read alone. */
final class AppendSection implements Section {
  private static final int PAYLOAD = 64;
  private static final List<ContenderKind> CONTENDERS =
      List.of(ContenderKind.OURS_KEEP, ContenderKind.CHRONICLE, ContenderKind.FLOOR);

  /** The floor keeps its files too, and prepares them before the clock starts. */
  private static final long FLOOR_PAYLOAD_BYTES = 320L << 20;

  private static final long WARMUP_BYTES = 64 << 20;
  private static final double TO_PEER = 1.5;

  private static Row append(ContenderKind contender) {
    return new Row("P2", "append alone, 64 B", contender.toString(), Unit.RATE);
  }

  private static Row read(ContenderKind contender) {
    return new Row("P2", "read alone, 64 B", contender.toString(), Unit.RATE);
  }

  @Override
  public String target() {
    return "P2";
  }

  @Override
  public void round(Session session) {
    for (ContenderKind contender : CONTENDERS) {
      Scale.Sizes sizes = session.scale().sizes();
      Arguments arguments =
          session
              .scale()
              .arguments(PAYLOAD)
              .with("warmupMessages", WARMUP_BYTES / PAYLOAD) // segments are made all the time
              .with("millis", sizes.appendMillis())
              .with("maxBytes", sizes.appendBytes());
      if (contender == ContenderKind.FLOOR) {
        long most = Math.min(FLOOR_PAYLOAD_BYTES, sizes.appendBytes());
        long room = most / PAYLOAD * (FloorRing.HEADER + PAYLOAD) + FloorRing.FILE_BYTES;
        arguments = arguments.with("maxBytes", most).with("floorBytes", room);
      }
      Optional<Figures> figures = session.run(WorkloadKind.APPEND_READ, contender, arguments);
      session.keep(append(contender), figures, "rate", "cpu");
      session.keep(read(contender), figures, "readRate", "readCpu");
    }
  }

  @Override
  public List<Verdict> verdicts(Samples samples) {
    return List.of(
        new Verdict(
            "P2",
            "append alone 64 B, ours/Chronicle",
            samples.ratio(append(ContenderKind.OURS_KEEP), append(ContenderKind.CHRONICLE)),
            Bound.atLeast(TO_PEER)),
        new Verdict(
            "P2",
            "read alone 64 B, ours/Chronicle",
            samples.ratio(read(ContenderKind.OURS_KEEP), read(ContenderKind.CHRONICLE)),
            Bound.atLeast(TO_PEER)));
  }
}
