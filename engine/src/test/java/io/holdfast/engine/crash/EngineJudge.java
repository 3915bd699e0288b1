package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.EngineInside;
import io.holdfast.engine.Group;
import io.holdfast.engine.Reader;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.check.DelayCheck;
import io.holdfast.engine.check.GroupCheck;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.crash.CrashFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Compares an engine that was opened after a crash with what its ledger says it must hold. */
final class EngineJudge {
  private final OpenEngine open;
  private final Ledger ledger;

  EngineJudge(OpenEngine open) {
    this.open = open;
    this.ledger = open.ledger;
  }

  /** A crash is no damage, as the verifiers see it. */
  static void verify(CrashFileSystem disk) throws IOException {
    if (!Files.exists(OpenEngine.directory(disk).resolve("store.ctl"))) {
      return;
    }
    Files.deleteIfExists(OpenEngine.directory(disk).resolve("store.owner")); // of a live process
    StoreView view = StoreView.open(OpenEngine.directory(disk));
    VerifyReport report = StoreVerifier.verify(view, view.topics(), topic -> {});
    assertTrue(!report.damaged(), report::toString);
    List<Finding> damage =
        GroupCheck.of(view).stream()
            .filter(finding -> finding.severity() == Finding.Severity.DAMAGE)
            .toList();
    assertEquals(List.of(), damage);
    assertEquals(List.of(), DelayCheck.of(view));
  }

  /** Topics, messages, groups; the ledger then holds what is left. */
  void check() throws IOException {
    Committing.judge(open);
    for (TopicLedger topic : List.copyOf(ledger.topics.values())) {
      if (open.engine.topics().contains(topic.name)) {
        open.retain(topic);
        EngineInside.whileKept(open.engine, topic.name, () -> check(topic));
      } else {
        assertTrue(!topic.exists, () -> "topic " + topic.name + " is gone");
        ledger.note(() -> forget(topic));
      }
    }
    for (String name : open.engine.topics()) {
      assertTrue(
          ledger.topics.containsKey(name) || name.endsWith(".dlq"),
          () -> "nobody asked for topic " + name);
    }
    for (GroupLedger group : List.copyOf(ledger.groups.values())) {
      if (open.engine.groups().contains(group.name)) {
        check(group);
      } else {
        assertTrue(!group.exists, () -> "group " + group.name + " is gone");
        ledger.note(() -> ledger.groups.remove(group.name));
      }
    }
  }

  private void forget(TopicLedger topic) {
    ledger.topics.remove(topic.name);
    ledger.groups.values().forEach(group -> group.states.remove(topic.name));
  }

  private void check(TopicLedger topic) {
    TopicLog log = open.log(topic);
    long left = log.endOffset();
    long first = log.firstOffset();
    assertTrue(
        left >= topic.end && left <= topic.planned(),
        () -> "expected %s to end at %d to %d, found %d"
            .formatted(topic.name, topic.end, topic.planned(), left));
    assertTrue(
        first >= topic.begins && first <= ledger.mayBegin(topic),
        () -> "expected %s to begin at %d to %d, found %d"
            .formatted(topic.name, topic.begins, ledger.mayBegin(topic), first));
    ledger.note(
        () -> {
          topic.cutAt(left);
          topic.exists = true;
          topic.begins = first;
          topic.log = log;
          for (GroupLedger group : ledger.groups.values()) {
            if (group.states.containsKey(topic.name)) {
              group.states.get(topic.name).cutAt(left);
            }
          }
        });
    checkMessages(topic);
  }

  private void checkMessages(TopicLedger topic) {
    List<Long> found = new ArrayList<>();
    try (Reader reader = open.engine.topic(topic.name).reader(StartAt.earliest())) {
      while (reader.poll(
              view -> {
                found.add(view.offset());
                assertTrue(
                    TopicLedger.isPayload(
                        topic.tag(view.offset()),
                        view.array(),
                        view.payloadOffset(),
                        view.payloadLength()),
                    () -> topic.name + ": another message at offset " + view.offset());
              },
              1_000)
          > 0) {
        // until nothing more is visible
      }
    }
    assertEquals(topic.planned() - topic.begins, found.size(), topic.name);
    if (!found.isEmpty()) {
      assertEquals(topic.begins, found.get(0), topic.name);
    }
  }

  private void check(GroupLedger group) throws IOException {
    Group found = open.engine.group(group.name);
    assertEquals(group.config, found.config(), group.name);
    for (String topic : List.copyOf(group.states.keySet())) {
      boolean there = found.topicNames().contains(topic);
      if (there) {
        long mark = open.stats(group, topic).lowWaterMark();
        ledger.note(
            () -> {
              group.states.get(topic).attached = true;
              group.states.get(topic).beganAt(ledger.topics.get(topic), mark);
            });
        StateCheck.of(open, group, ledger.topics.get(topic));
      } else {
        assertTrue(
            !group.states.get(topic).attached,
            () -> group.name + " has lost its state of " + topic + ", or cannot use it");
        ledger.note(() -> group.states.remove(topic));
      }
    }
    ledger.note(() -> group.exists = true);
  }
}
