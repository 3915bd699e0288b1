package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.crash.TopicLedger.Keeping;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A whole engine on files and memory in process: every state that a power cut may leave at any
 * moment of a small script is opened and judged.
 *
 * <p>{@code -Dholdfast.crash.choices=n} opens all states of moments with up to n things that
 * the device may have or not (at most 20); of other moments some are opened.
 */
class EngineSeamTest {
  private final Logger refusals = Logger.getLogger("io.holdfast.engine.GroupDirectory");
  private final int choices = Integer.getInteger("holdfast.crash.choices", 5);

  @AfterEach
  void listen() {
    refusals.setLevel(null);
  }

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

  @Test
  void aDeadLetterWhoseBitAKilledProcessLeftUnforcedIsNotWrittenTwice() {
    CrashFileSystem disk = CrashFileSystem.create();
    List<CrashPoint> points = new ArrayList<>();
    try (Engine engine = open(disk)) {
      TopicConfig small = TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build();
      Topic topic = engine.topic("t", small);
      Group group = topic.group("g", GroupConfig.builder().maxAttempts(1).build());
      try (Consumer consumer = group.consumer("c")) {
        send(topic, 1);
        List<Delivery> got = consumer.receive(1, Duration.ZERO);
        disk.watch(
            call -> {
              if (call.kind() == Call.Kind.FORCE && call.path().toString().contains(".done")) {
                points.add(disk.point()); // the letter is durable, its bit is not
              }
            });
        got.forEach(delivery -> delivery.nack(new Exception()));
        disk.watch(call -> {});
      }
    }
    assertEquals(1, points.size());
    for (int seed = 0; seed < 40; seed++) {
      CrashFileSystem killed = points.get(0).killed();
      CrashFileSystem cut;
      try (Engine engine = open(killed)) {
        assertEquals(1, engine.topic("t.g.dlq").endOffset());
        cut = killed.point().cut(new Random(seed), 512, 0.5);
      }
      try (Engine engine = open(cut);
          Consumer consumer = engine.group("g").consumer("c")) {
        assertEquals(1, engine.topic("t.g.dlq").endOffset());
        assertEquals(List.of(), consumer.receive(1, Duration.ZERO), "seed " + seed);
      }
    }
  }

  private void everyState(String name, java.util.function.Consumer<OpenEngine> script) {
    EngineCrashRun run = new EngineCrashRun(1);
    run.runAll(script, choices);
    System.out.printf(
        "EngineSeamTest: %s: %,d states, %,d found again, %s, 0 violations;"
            + " -Dholdfast.crash.choices=%d%n",
        name, run.states(), run.repeated(), run.inFull(), choices);
  }

  private static List<Out> sendAndReceive(OpenEngine open, Durability durability, int tag) {
    if (open.ledger.topics.isEmpty()) {
      GroupConfig once = GroupConfig.builder().maxAttempts(1).build();
      open.attach(open.createGroup("g", once), open.createTopic("t", durability, Keeping.FOREVER));
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
          sendAndReceive(open, Durability.powerLoss(), 600).forEach(open.settling::nack);
          open.point("after a nack");
        });
  }

  @Test
  void everyStateThatAPowerCutMayLeaveOfADelayedMessageAndAnExpiredOne() {
    everyState(
        "one delayed, one expired",
        open -> {
          sendAndReceive(open, Durability.powerLoss(), 0x2E0).forEach(open.settling::ack);
          sendAndReceive(open, Durability.powerLoss(), 0x1C0).forEach(open.settling::ack);
          open.advance(Duration.ofMinutes(20));
          open.point("when one is due and the other one is not");
          open.settling.receive(open.ledger.groups.get("g"), 4).forEach(open.settling::ack);
          open.point("after the acks");
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

  @Test
  void aStateThatWasRefusedWhileItsTopicWasCutHidesNoNewMessage() throws IOException {
    refusals.setLevel(Level.OFF); // each with its stack
    CrashFileSystem disk = CrashFileSystem.create();
    CrashPoint acked;
    try (Engine engine = open(disk)) {
      TopicConfig config = TopicConfig.builder().durability(Durability.processCrash()).build();
      Topic topic = engine.topic("t", config);
      try (Consumer consumer =
          topic.group("g", GroupConfig.defaults()).consumer("c")) {
        send(topic, 3);
        consumer.receive(3, Duration.ZERO).forEach(Delivery::ack);
        acked = disk.point();
      }
    }
    int hidden = 0;
    for (int seed = 0; seed < 30; seed++) {
      CrashFileSystem cut = acked.cut(new Random(seed), 4096, 0.5);
      Path config = OpenEngine.directory(cut).resolve("groups/g/group.properties");
      byte[] whole = Files.readAllBytes(config);
      Files.write(config, new byte[] {1, 2, 3});
      long end;
      try (Engine engine = open(cut)) {
        end = engine.topic("t").endOffset();
        send(engine.topic("t"), 3);
      }
      Files.write(config, whole); // restored from a backup
      cut.unmapAll();
      try (Engine engine = open(cut);
          Consumer consumer = engine.group("g").consumer("c")) {
        List<Long> offsets =
            consumer.receive(10, Duration.ZERO).stream().map(Delivery::offset).toList();
        assertTrue(
            offsets.containsAll(List.of(end, end + 1, end + 2)), () -> end + ": " + offsets);
      }
      hidden += end < 3 ? 1 : 0;
    }
    assertTrue(hidden > 0, "the topic should have been cut");
  }

  private static void send(Topic topic, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.of(new byte[] {(byte) i}));
      }
    }
  }

  private static Engine open(CrashFileSystem disk) {
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
