package io.holdfast.bench.quick;

import io.holdfast.bench.Environment;
import java.util.List;

/** A comparison as people read it: conditions, table, failures, verdicts. */
final class QuickReport {
  private final Environment environment;
  private final Session session;

  QuickReport(Environment environment, Session session) {
    this.environment = environment;
    this.session = session;
  }

  /** The whole text, several lines. */
  String of(List<Verdict> verdicts) {
    StringBuilder text = new StringBuilder();
    boolean failed = !session.failures().isEmpty();
    line(text, "Holdfast quick comparison: " + (failed ? "FAILED" : "ran"));
    line(text, "");
    conditions(text);
    line(text, "");
    text.append(FigureTable.of(session.samples()));
    line(text, "");
    session.failures().forEach(failure -> line(text, "FAILED: " + failure));
    verdicts.forEach(verdict -> line(text, verdict.toString()));
    return text.toString();
  }

  private void conditions(StringBuilder text) {
    Scale scale = session.scale();
    line(text, "JDK          " + environment.jdk());
    line(text, "kernel       " + environment.kernel());
    line(text, "CPU          " + environment.processors() + " x " + environment.cpu());
    line(text, "file system  " + environment.fileSystem());
    line(text, "load         %.1f a minute before the start".formatted(session.loadBefore()));
    line(text, "JVM flags    " + String.join(" ", Forks.flags()));
    line(
        text,
        ("runs         %d in %d s, a JVM each; at most %d rounds; "
                + "%d ms after a warm-up of %d ms and more")
            .formatted(
                session.runs(),
                session.seconds(),
                scale.rounds(),
                scale.millis(),
                scale.warmupMillis()));
    line(
        text,
        "durability   processCrash, P6 powerLoss; producers are up to 8 MiB ahead, in P5 1 MiB");
    line(text, "waiting      all contenders spin 100 times, then yield");
    line(
        text,
        "disk         less than %d GiB at any moment, removed at the end"
            .formatted(scale.sizes().diskBytes() >> 30));
    if (!session.hasPeers()) {
      line(text, "note         no peers: what is held against them is not measured");
    }
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}
