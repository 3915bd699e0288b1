package io.holdfast.tools;

import com.fasterxml.jackson.core.JsonGenerator;
import io.holdfast.storage.SalvageReport;
import io.holdfast.storage.TopicSalvage;
import io.holdfast.storage.check.StoreView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast repair}: saves what is whole in a damaged topic. */
@Command(
    name = "repair",
    description = {
      "Save what is whole in a damaged topic: every message that a check finds good is kept, with",
      "its own offset, and the offsets that are lost become gaps that readers and groups are told",
      "of. The damaged files are kept in quarantine/. The store must be closed. A topic without",
      "damage is left as it is; a repair that was interrupted is finished by the next.",
      "A backup, where there is one, may hold more: look at that first.",
    },
    footer = {
      "",
      "Examples:",
      "  holdfast repair data orders --dry-run",
      "  holdfast repair data orders",
    })
final class Repair extends ToolCommand {
  @Parameters(index = "0", paramLabel = "<dir>", description = "The directory of the store.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "<topic>", description = "The topic.")
  private String topic;

  @Option(
      names = "--dry-run",
      description = "Only say what would be done; the exit code is 1 when that is anything.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Verify.named(StoreView.open(directory), topic);
    SalvageReport report =
        dryRun ? TopicSalvage.plan(directory, topic) : TopicSalvage.salvage(directory, topic);
    if (json()) {
      lines().line(j -> put(j, report));
    } else {
      print(report);
    }
    return report.outcome() == SalvageReport.Outcome.PLANNED ? ExitCode.PROBLEM : ExitCode.FINE;
  }

  private void print(SalvageReport report) {
    say("%s: %s, %s".formatted(
        report.topic(),
        switch (report.outcome()) {
          case NOT_NEEDED -> "nothing to repair";
          case PLANNED -> "damaged, and can be repaired";
          case SALVAGED -> "repaired";
        },
        Text.offsets(report.firstOffset(), report.endOffset())));
    if (report.outcome() == SalvageReport.Outcome.NOT_NEEDED) {
      return;
    }
    say("  %s, %s made new with %s, %s lost".formatted(
        Text.count(report.kept(), "segment") + " left as they are",
        Text.count(report.made()),
        Text.count(report.copied(), "message"),
        report.lost() == 0 ? "none" : Text.count(report.lost())));
    report
        .gaps()
        .forEach(
            gap -> say("  lost    %s".formatted(Text.offsets(gap.from(), gap.to()))));
    if (report.timesEstimated()) {
      say("  note    the times of some messages are lost: they count from the message before");
    }
    report.setAside().forEach(file -> say("  aside   " + directory.relativize(file)));
  }

  private void say(String line) {
    terminal().out().println(line);
  }

  private static void put(JsonGenerator json, SalvageReport report) throws IOException {
    json.writeStringField("type", "repair");
    json.writeStringField("topic", report.topic());
    json.writeStringField(
        "outcome", report.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    json.writeNumberField("firstOffset", report.firstOffset());
    json.writeNumberField("endOffset", report.endOffset());
    json.writeNumberField("lost", report.lost());
    json.writeArrayFieldStart("gaps");
    for (SalvageReport.Gap gap : report.gaps()) {
      json.writeStartObject();
      json.writeNumberField("offset", gap.from());
      json.writeNumberField("endOffset", gap.to());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("copied", report.copied());
    json.writeNumberField("keptSegments", report.kept());
    json.writeNumberField("newSegments", report.made());
    json.writeBooleanField("timesEstimated", report.timesEstimated());
    json.writeArrayFieldStart("setAside");
    for (Path file : report.setAside()) {
      json.writeString(file.toString());
    }
    json.writeEndArray();
  }
}
