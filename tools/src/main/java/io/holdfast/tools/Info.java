package io.holdfast.tools;

import io.holdfast.engine.check.DelayView;
import io.holdfast.engine.check.GroupOptions;
import io.holdfast.engine.check.GroupPatterns;
import io.holdfast.engine.check.GroupView;
import io.holdfast.storage.check.ControlSlot;
import io.holdfast.storage.check.ControlView;
import io.holdfast.storage.check.StoreOwner;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.error.HoldfastException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code holdfast info}: what a store is, its topics and its groups. */
@Command(
    name = "info",
    description = {
      "Show what a store is, who has it open, its topics and its groups.",
      "It takes no lock and changes nothing: it works on a store that another process has open.",
    },
    footer = {
      "",
      "Examples:",
      "  holdfast info data",
      "  holdfast info data --json | jq 'select(.type == \"group\" and .lag > 1000)'",
    })
final class Info extends ToolCommand {
  @Parameters(index = "0", paramLabel = "<dir>", description = "The directory of the store.")
  private Path directory;

  /** A topic with its figures, or with what keeps them from being read. */
  private record TopicLine(TopicView topic, TopicView.Extent extent, String problem) {}

  @Override
  public Integer call() {
    StoreView store = StoreView.open(directory);
    List<TopicLine> topics = store.topics().stream().map(Info::line).toList();
    List<GroupView> groups = GroupView.of(directory);
    Map<String, Long> ends = new TreeMap<>();
    topics.forEach(line -> ends.put(line.topic().name(), line.extent().endOffset()));
    List<String> problems = problems(store, topics, groups);
    if (json()) {
      printJson(store, topics, groups, ends);
    } else {
      printText(store, topics, groups, ends);
    }
    problems.forEach(problem -> terminal().say("holdfast: " + Text.safe(problem)));
    if (!problems.isEmpty()) {
      terminal().say("'holdfast verify " + directory + "' shows all that is wrong");
    }
    return problems.isEmpty() ? ExitCode.FINE : ExitCode.PROBLEM;
  }

  private static TopicLine line(TopicView topic) {
    try {
      return new TopicLine(topic, topic.extent(), topic.problem().orElse(""));
    } catch (HoldfastException e) {
      return new TopicLine(topic, new TopicView.Extent(0, 0, 0, 0), e.getMessage());
    }
  }

  private List<String> problems(
      StoreView store, List<TopicLine> topics, List<GroupView> groups) {
    List<String> problems = new ArrayList<>();
    if (store.control().flatMap(ControlView::newest).isEmpty() || store.id().isEmpty()) {
      problems.add(directory.resolve("store.ctl") + ": it is missing or damaged");
    }
    topics.forEach(line -> problems.add(line.problem()));
    groups.forEach(group -> problems.add(group.problem()));
    problems.removeIf(String::isEmpty);
    return problems;
  }

  private void printText(
      StoreView store, List<TopicLine> topics, List<GroupView> groups, Map<String, Long> ends) {
    Optional<ControlSlot> control = store.control().flatMap(ControlView::newest);
    print("store    " + directory);
    print("id       " + store.id().map(Object::toString).orElse("unknown"));
    print("format   " + version(store).map(String::valueOf).orElse("unknown"));
    print("epoch    " + control.map(c -> Text.count(c.writerEpoch())).orElse("unknown"));
    print("owner    " + owner(store.owner()));
    if (!topics.isEmpty()) {
      Table table =
          new Table(
              "TOPIC", "NUMBER ", "DURABILITY", "SEGMENTS ", "FIRST ", "END ", "FILES ");
      for (TopicLine line : topics) {
        TopicView.Extent extent = line.extent();
        table.row(
            line.topic().name(),
            String.valueOf(line.topic().number()),
            line.topic().properties().getOrDefault("durability", "?"),
            Text.count(extent.segments()),
            Text.count(extent.firstOffset()),
            Text.count(extent.endOffset()),
            Text.bytes(extent.bytes()));
      }
      print("");
      table.lines().forEach(this::print);
    }
    if (!groups.isEmpty()) {
      Table table =
          new Table("GROUP", "TOPIC", "LAG ", "IN FLIGHT ", "RETRYING ", "DEAD ", "LOST ");
      for (GroupView group : groups) {
        table.row(
            group.group(),
            group.topic(),
            Text.count(group.unfinished(ends.getOrDefault(group.topic(), 0L))),
            Text.count(group.running()),
            Text.count(group.retrying()),
            Text.count(group.dead() + group.dying()),
            Text.count(group.lost() + group.dropped()));
      }
      print("");
      table.lines().forEach(this::print);
    }
    table(InfoTables.bounds(topics.stream().map(TopicLine::topic).toList()));
    table(InfoTables.delayed(DelayView.of(directory, now())));
    table(InfoTables.patterns(GroupPatterns.of(directory)));
    table(InfoTables.options(GroupOptions.of(directory)));
  }

  private void table(List<String> lines) {
    if (!lines.isEmpty()) {
      print("");
      lines.forEach(this::print);
    }
  }

  private static long now() {
    return Instant.now().toEpochMilli();
  }

  private static Optional<Integer> version(StoreView store) {
    return store.control().flatMap(ControlView::header).map(header -> header.version());
  }

  private static String owner(StoreOwner owner) {
    return switch (owner.state()) {
      case CLOSED -> "none: nobody has it open";
      case OPEN -> "pid %d, since %s".formatted(owner.pid(), owner.since());
      case DIED ->
          "none: pid %d, which opened it at %s, did not close it; the next opening recovers"
              .formatted(owner.pid(), owner.since());
    };
  }

  private void printJson(
      StoreView store, List<TopicLine> topics, List<GroupView> groups, Map<String, Long> ends) {
    StoreOwner owner = store.owner();
    lines()
        .line(
            json -> {
              json.writeStringField("type", "store");
              json.writeStringField("directory", directory.toString());
              json.writeStringField("id", store.id().map(Object::toString).orElse(null));
              json.writeNumberField("format", version(store).orElse(0));
              json.writeNumberField(
                  "epoch",
                  store.control().flatMap(ControlView::newest).map(c -> c.writerEpoch()).orElse(0));
              json.writeStringField("owner", owner.state().name().toLowerCase(Locale.ROOT));
              json.writeNumberField("pid", owner.pid());
            });
    for (TopicLine line : topics) {
      lines()
          .line(
              json -> {
                json.writeStringField("type", "topic");
                json.writeStringField("topic", line.topic().name());
                json.writeNumberField("number", line.topic().number());
                Json.object(json, "properties", line.topic().properties());
                json.writeNumberField("segments", line.extent().segments());
                json.writeNumberField("firstOffset", line.extent().firstOffset());
                json.writeNumberField("endOffset", line.extent().endOffset());
                json.writeNumberField("bytes", line.extent().bytes());
              });
    }
    for (GroupView group : groups) {
      lines()
          .line(
              json -> {
                json.writeStringField("type", "group");
                json.writeStringField("group", group.group());
                json.writeStringField("topic", group.topic());
                long end = ends.getOrDefault(group.topic(), 0L);
                json.writeNumberField("lag", group.unfinished(end));
                json.writeNumberField("inFlight", group.running());
                json.writeNumberField("retrying", group.retrying());
                json.writeNumberField("dead", group.dead() + group.dying());
                json.writeNumberField("lost", group.lost());
                json.writeNumberField("expired", group.expired());
                json.writeNumberField("dropped", group.dropped());
                json.writeNumberField("cancelled", group.cancelled());
                json.writeNumberField("skipped", group.skipped());
              });
    }
    printJsonOfOptions();
  }

  private void printJsonOfOptions() {
    for (DelayView topic : DelayView.of(directory, now())) {
      lines()
          .line(
              json -> {
                json.writeStringField("type", "delays");
                json.writeStringField("topic", topic.topic());
                json.writeNumberField("delayed", topic.waiting());
              });
    }
    for (GroupOptions group : GroupOptions.of(directory)) {
      lines()
          .line(
              json -> {
                json.writeStringField("type", "options");
                json.writeStringField("group", group.group());
                json.writeBooleanField("paused", group.paused());
                json.writeStringField(
                    "expireAfter", group.expireAfter().isEmpty() ? null : group.expireAfter());
              });
    }
    for (GroupPatterns group : GroupPatterns.of(directory)) {
      lines()
          .line(
              json -> {
                json.writeStringField("type", "patterns");
                json.writeStringField("group", group.group());
                json.writeStringField("patterns", String.join(",", group.patterns()));
              });
    }
  }

  private void print(String line) {
    terminal().out().println(line);
  }
}
