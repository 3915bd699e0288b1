package io.holdfast.tools;

import io.holdfast.engine.check.DedupCheck;
import io.holdfast.engine.check.DelayCheck;
import io.holdfast.engine.check.GroupCheck;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.Finding.Severity;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.VerifyReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code holdfast verify}: all faults of a store, with their ranges. */
@Command(
    name = "verify",
    description = {
      "Read every record of a store and the files of its groups, and report all faults.",
      "It takes no lock and changes nothing: it works on a store that another process has open.",
      "An unfinished tail, as a crash leaves it, is said but is no fault.",
    },
    footer = {
      "",
      "Examples:",
      "  holdfast verify data",
      "  holdfast verify data orders",
      "  holdfast verify data --json | jq 'select(.type == \"finding\")'",
    })
final class Verify extends ToolCommand {
  @Parameters(index = "0", paramLabel = "<dir>", description = "The directory of the store.")
  private Path directory;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "<topic>",
      description = "Only this topic.")
  private String topic;

  @Override
  public Integer call() {
    StoreView store = StoreView.open(directory);
    List<TopicView> topics = topic == null ? store.topics() : List.of(named(store, topic));
    VerifyReport report =
        StoreVerifier.verify(store, topics, done -> print(store.directory(), done));
    List<Finding> others = new ArrayList<>(report.findings());
    if (topic == null) {
      others.addAll(GroupCheck.of(store));
      others.addAll(DelayCheck.of(store));
      others.addAll(DedupCheck.of(store));
    }
    boolean damaged =
        report.damaged() || others.stream().anyMatch(f -> f.severity() == Severity.DAMAGE);
    if (json()) {
      others.forEach(finding -> lines().line(j -> VerifyJson.put(j, "", finding)));
      lines().line(j -> VerifyJson.put(j, report, damaged));
    } else {
      others.forEach(finding -> print(store.directory(), finding));
      terminal().out().println(total(report, damaged));
    }
    return damaged ? ExitCode.PROBLEM : ExitCode.FINE;
  }

  static TopicView named(StoreView store, String name) {
    return store
        .topic(name)
        .orElseThrow(
            () ->
                new NotFoundException(
                    "%s: expected a topic '%s', found %s"
                        .formatted(
                            store.directory(),
                            name,
                            store.topics().isEmpty()
                                ? "none at all"
                                : store.topics().stream().map(TopicView::name).toList())));
  }

  private void print(Path store, TopicReport topic) {
    if (json()) {
      topic.findings().forEach(f -> lines().line(j -> VerifyJson.put(j, topic.name(), f)));
      lines().line(j -> VerifyJson.put(j, topic));
      return;
    }
    terminal()
        .out()
        .println(
            "%s: %s, %s, %s, %s, %s"
                .formatted(
                    topic.name(),
                    word(topic.state()),
                    Text.count(topic.segments(), "segment"),
                    Text.offsets(topic.firstOffset(), topic.endOffset()),
                    Text.count(topic.records(), "record"),
                    Text.bytes(topic.bytes())));
    topic.findings().forEach(finding -> print(store, finding));
    if (topic.unlisted() > 0) {
      terminal().out().println("  and " + Text.count(topic.unlisted()) + " more findings");
    }
  }

  private static String word(TopicReport.State state) {
    return switch (state) {
      case OK -> "ok";
      case TORN_TAIL -> "torn tail, nothing promised is missing";
      case DAMAGED -> "DAMAGED";
    };
  }

  private void print(Path store, Finding finding) {
    StringBuilder line = new StringBuilder("  ");
    line.append(severity(finding)).append("  ").append(store.relativize(finding.file()));
    line.append(", position ").append(finding.position());
    if (finding.endPosition() > finding.position()) {
      line.append(" to ").append(finding.endPosition());
    }
    if (finding.offset() >= 0) {
      line.append(", offset ").append(finding.offset());
    }
    if (finding.lost() > 1) {
      line.append(" to ").append(finding.endOffset() - 1);
    }
    terminal().out().println(line + ": " + Text.safe(finding.problem()));
    terminal().out().println("          " + Text.safe(finding.help()));
  }

  private static String severity(Finding finding) {
    return switch (finding.severity()) {
      case NOTE -> "note  ";
      case TORN_TAIL -> "torn  ";
      case DAMAGE -> "DAMAGE";
    };
  }

  private static String total(VerifyReport report, boolean storeIsDamaged) {
    long damaged =
        report.topics().stream().filter(t -> t.state() == TopicReport.State.DAMAGED).count();
    return "%s, %s, %s, %s%s: %s"
        .formatted(
            Text.count(report.topics().size(), "topic"),
            Text.count(report.topics().stream().mapToInt(TopicReport::segments).sum(), "segment"),
            Text.count(report.topics().stream().mapToLong(TopicReport::records).sum(), "record"),
            Text.bytes(report.topics().stream().mapToLong(TopicReport::bytes).sum()),
            report.live() ? ", open in a process" : "",
            damaged > 0
                ? Text.count(damaged) + " DAMAGED"
                : storeIsDamaged ? "the store is DAMAGED" : "no fault");
  }
}
