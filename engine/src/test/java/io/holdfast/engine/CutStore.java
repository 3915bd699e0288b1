package io.holdfast.engine;

import io.holdfast.engine.check.GroupCheck;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A store whose power is cut several times, with all that was promised of it. */
final class CutStore {
  private final Path directory;
  private final Map<CutTopic, CutJudge> judges = new EnumMap<>(CutTopic.class);
  private final Set<String> made = new HashSet<>(); // topics with a message that was confirmed
  private final Set<String> found = new HashSet<>(); // of those, in the life that opens now
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private boolean isThere; // whether a life has had it open

  CutStore(Path directory) {
    this.directory = directory;
    for (CutTopic topic : CutTopic.values()) {
      judges.put(topic, new CutJudge(topic));
    }
  }

  Path directory() {
    return directory;
  }

  CutJudge judge(CutTopic topic) {
    return judges.get(topic);
  }

  /** A line that a life said of itself; lives and their lines come one after the other. */
  void line(String line) {
    String[] words = line.split(" ", 2);
    switch (words[0]) {
      case "MADE" -> made.add(words[1]);
      case "HAS" -> found.add(words[1]);
      case "READY" -> ready();
      case "ERROR" -> wrong.add(line);
      default -> judges.get(CutTopic.named(words[0])).line(words[1]);
    }
  }

  private void ready() {
    isThere = true;
    for (String topic : made) {
      if (!found.remove(topic)) {
        wrong.add("topic " + topic + " was confirmed, and its message is gone");
      }
    }
  }

  void wrong(String what) {
    wrong.add(what);
  }

  /** A cut damages nothing: what was not forced is cut off, and that is all there is to say. */
  void verify() {
    found.clear(); // a life that was cut before it was ready has named some of them
    if (!isThere) {
      return;
    }
    StoreView view = StoreView.open(directory);
    List<Finding> findings = new ArrayList<>(GroupCheck.of(view));
    findings.addAll(
        StoreVerifier.verify(view, view.topics(), topic -> findings.addAll(topic.findings()))
            .findings());
    for (Finding finding : findings) {
      if (finding.severity() == Finding.Severity.DAMAGE) {
        wrong.add(finding.toString());
      }
    }
  }

  /** Everything that is wrong, a line each. */
  String violations() {
    List<String> all = new ArrayList<>(wrong);
    for (CutJudge judge : judges.values()) {
      judge.history().violations().forEach(found -> all.add(judge.topic() + ": " + found));
    }
    return String.join("\n", all);
  }

  long confirmed() {
    return made.size() + judges.values().stream().mapToLong(CutJudge::confirmed).sum();
  }

  long acked() {
    return judges.values().stream().mapToLong(CutJudge::acked).sum();
  }

  long letters() {
    return judges.get(CutTopic.POWER).lettersRead();
  }

  long made() {
    return made.size();
  }
}
