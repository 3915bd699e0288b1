package io.holdfast.tools;

import io.holdfast.engine.check.DelayView;
import io.holdfast.engine.check.GroupOptions;
import io.holdfast.engine.check.GroupPatterns;
import io.holdfast.storage.check.TopicView;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tables of {@code info} that are shown only where something is not as by default. */
final class InfoTables {
  private static final Set<String> DEFAULTS = Set.of("untilConsumed", "KEEP");
  private static final String NONE = "-";

  private InfoTables() {}

  /** How long topics keep what, and how much they take. */
  static List<String> bounds(List<TopicView> topics) {
    Table table = new Table("TOPIC", "RETENTION", "MESSAGES ", "BYTES ", "ON FULL", "NO GROUP");
    int rows = 0;
    for (TopicView topic : topics) {
      Map<String, String> properties = topic.properties();
      String messages = properties.get("extra.maxMessages");
      String bytes = properties.get("extra.maxBytes");
      String retention = properties.getOrDefault("extra.retention", "untilConsumed");
      String noGroup = properties.getOrDefault("extra.whenNoGroup", "KEEP");
      boolean isBounded = messages != null || bytes != null;
      if (isBounded || !DEFAULTS.contains(retention) || !DEFAULTS.contains(noGroup)) {
        String onFull = properties.getOrDefault("extra.onFull", NONE);
        rows++;
        table.row(
            topic.name(),
            retention,
            messages == null ? NONE : messages,
            bytes == null ? NONE : bytes,
            isBounded ? onFull : NONE,
            noGroup);
      }
    }
    return rows == 0 ? List.of() : table.lines();
  }

  static List<String> delayed(List<DelayView> topics) {
    Table table = new Table("TOPIC", "DELAYED ");
    topics.forEach(topic -> table.row(topic.topic(), Text.count(topic.waiting())));
    return topics.isEmpty() ? List.of() : table.lines();
  }

  static List<String> patterns(List<GroupPatterns> groups) {
    Table table = new Table("GROUP", "PATTERNS");
    groups.forEach(group -> table.row(group.group(), String.join(" ", group.patterns())));
    return groups.isEmpty() ? List.of() : table.lines();
  }

  /** Groups that are paused, or go by themselves. */
  static List<String> options(List<GroupOptions> groups) {
    List<GroupOptions> special =
        groups.stream().filter(of -> of.paused() || !of.expireAfter().isEmpty()).toList();
    Table table = new Table("GROUP", "PAUSED", "EXPIRES AFTER");
    for (GroupOptions group : special) {
      String expireAfter = group.expireAfter().isEmpty() ? NONE : group.expireAfter();
      table.row(group.group(), group.paused() ? "yes" : "no", expireAfter);
    }
    return special.isEmpty() ? List.of() : table.lines();
  }
}
