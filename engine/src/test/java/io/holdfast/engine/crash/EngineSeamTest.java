package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A whole engine on files and memory in process: every state that a power cut may leave at any
 * moment of a small script is opened and judged.
 *
 * <p>{@code -Dholdfast.powerloss.choices=n} opens all states of moments with up to n things that
 * the device may have or not (at most 20); of other moments some are opened.
 */
class EngineSeamTest {
  private final int choices = Integer.getInteger("holdfast.powerloss.choices", 5);

  @Test
  void whatAKilledProcessNamedForAGroupIsForcedByTheNextOne() {
    CrashFileSystem disk = CrashFileSystem.create();
    List<CrashPoint> points = new ArrayList<>();
    try (Engine engine = open(disk)) {
      engine.topic("t", TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build());
      disk.watch(
          call -> {
            boolean group = call.path().toString().contains("/groups");
            if (group && call.kind() == Call.Kind.FORCE_DIRECTORY) {
              points.add(disk.point()); // named, and not forced
            }
          });
      engine.group("g", GroupConfig.defaults()).topics("t");
      disk.watch(call -> {});
    }
    for (CrashPoint point : points) {
      CrashFileSystem killed = point.killed();
      List<String> groups;
      List<String> topics;
      try (Engine engine = open(killed)) {
        groups = engine.groups();
        topics = groups.stream().flatMap(g -> engine.group(g).topicNames().stream()).toList();
        killed = killed.point().cut(new Random(1), 4096, 0);
      }
      try (Engine engine = open(killed)) {
        assertEquals(groups, engine.groups());
        assertEquals(
            topics, groups.stream().flatMap(g -> engine.group(g).topicNames().stream()).toList());
      }
    }
  }

  private void everyState(String name, Consumer<OpenEngine> script) {
    EngineCrashRun run = new EngineCrashRun(1);
    run.runAll(script, choices);
    System.out.printf(
        "EngineSeamTest: %s: %,d states, %,d found again, %s, 0 violations;"
            + " -Dholdfast.powerloss.choices=%d%n",
        name, run.states(), run.repeated(), run.inFull(), choices);
  }

  private static List<Out> sendAndReceive(OpenEngine open, Durability durability, int tag) {
    if (open.ledger.topics.isEmpty()) {
      GroupConfig once = GroupConfig.builder().maxAttempts(1).build();
      open.attach(open.createGroup("g", once), open.createTopic("t", durability));
    }
    open.send(
        open.ledger.topics.get("t"), List.of(tag, tag + 2), OpenEngine.Way.ONE_BY_ONE);
    open.point("after a send");
    List<Out> got = open.settling.receive(open.ledger.groups.get("g"), 1);
    open.point("after a receive");
    return got;
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfAnAck() {
    everyState(
        "one ack",
        open -> {
          sendAndReceive(open, Durability.powerLoss(), 100).forEach(open.settling::ack);
          open.point("after an ack");
        });
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfADeadLetter() {
    everyState(
        "one dead letter",
        open -> {
          sendAndReceive(open, Durability.powerLoss(), 200).forEach(open.settling::nack);
          open.point("after a nack");
        });
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfATopicThatIsCut() {
    everyState(
        "one topic cut",
        open -> {
          sendAndReceive(open, Durability.processCrash(), 300).forEach(open.settling::ack);
          open.point("after an ack");
          sendAndReceive(open, Durability.processCrash(), 400).forEach(open.settling::nack);
          open.point("after a nack");
        });
  }

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
