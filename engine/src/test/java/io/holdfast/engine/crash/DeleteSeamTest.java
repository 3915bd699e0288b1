package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.DeadLetterFilter;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.RedriveConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Store;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The making of topics that a pattern matches, the deletion of topics and groups, and the changes
 * of groups, each cut at every call that changes a file: what is found is whole or gone, and what
 * is made under an old name begins anew.
 */
class DeleteSeamTest {
  private static final int CUTS = 3;

  private final Logger warnings = Logger.getLogger("io.holdfast.engine");
  private final AtomicInteger states = new AtomicInteger();

  @AfterEach
  void listen() {
    warnings.setLevel(null);
  }

  private static TopicConfig small() {
    return TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build();
  }

  private static void send(Topic topic, int tag) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.send(Message.of(new byte[] {(byte) tag}));
    }
  }

  private static List<Integer> receive(Group group) {
    List<Integer> got = new ArrayList<>();
    try (Consumer consumer = group.consumer("judge")) {
      for (Delivery delivery : consumer.receive(100, Duration.ZERO)) {
        got.add((int) delivery.message().payload()[0]);
        delivery.ack();
      }
    }
    Collections.sort(got);
    return got;
  }

  /** Topic t with 1 acked, 2 dead, 3 dead and redriven, 4 waiting; group g. */
  private static void prepare(Engine engine) {
    Topic topic = engine.topic("t", small());
    Group group = topic.group("g", GroupConfig.builder().maxAttempts(1).build());
    for (int tag = 1; tag <= 3; tag++) {
      send(topic, tag);
      try (Consumer consumer = group.consumer("c")) {
        Delivery delivery = consumer.receive(1, Duration.ZERO).get(0);
        if (tag == 1) {
          delivery.ack();
        } else {
          delivery.nack(new Exception("dies"));
        }
      }
    }
    group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults().withMost(1));
    send(topic, 4);
  }

  /** Runs a step cut at every call, and judges each state that is left. */
  private void everyCut(
      java.util.function.Consumer<Engine> before,
      java.util.function.Consumer<Engine> step,
      java.util.function.Consumer<Engine> judge) {
    CrashFileSystem disk = CrashFileSystem.create();
    List<CrashPoint> points = Collections.synchronizedList(new ArrayList<>());
    try (Engine engine = open(disk)) {
      before.accept(engine);
      disk.watch(
          call -> {
            if (call.kind() != Call.Kind.WRITE) {
              points.add(disk.point());
            }
          });
      step.accept(engine);
      disk.watch(call -> {});
      points.add(disk.point());
    }
    AtOnce.each(List.copyOf(points), point -> crash(point, judge));
    System.out.printf("DeleteSeamTest: %,d moments, %,d states%n", points.size(), states.get());
    assertTrue(points.size() > 3, "the step changes files");
  }

  private void crash(CrashPoint point, java.util.function.Consumer<Engine> judge) {
    judge(point.killed(), judge);
    for (int seed = 0; seed < CUTS; seed++) {
      judge(point.cut(new Random(seed), 4096, seed * 0.5), judge);
    }
  }

  private void judge(CrashFileSystem left, java.util.function.Consumer<Engine> judge) {
    states.incrementAndGet();
    try (Engine engine = open(left)) {
      noLeftovers(left, engine);
      judge.accept(engine);
    }
    try (Engine engine = open(left)) {
      noLeftovers(left, engine);
      judge.accept(engine);
    }
  }

  private static void noLeftovers(CrashFileSystem disk, Engine engine) {
    Path root = OpenEngine.directory(disk);
    try (Stream<Path> all = Files.walk(root)) {
      List<String> marks =
          all.map(Path::toString).filter(p -> p.contains("~") || p.endsWith(".deleted")).toList();
      assertEquals(List.of(), marks);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String group : engine.groups()) {
      for (String topic : engine.group(group).topicNames()) {
        assertTrue(engine.topics().contains(topic), topic);
      }
    }
  }

  @Test
  void aTopicIsWholeOrGoneAndNextTimeAnotherOne() {
    everyCut(
        DeleteSeamTest::prepare,
        engine -> engine.deleteTopic("t"),
        engine -> {
          if (engine.topics().contains("t") && engine.topic("t").endOffset() == 4) {
            assertEquals(List.of("t", "t.g.dlq", "t.g.retry"), engine.topics());
            assertEquals(List.of("t", "t.g.retry"), engine.group("g").topicNames());
            assertEquals(1, engine.group("g").deadLetters("t").letters());
            engine.deleteTopic("t");
          }
          List<String> rest = engine.topics();
          if (rest.isEmpty()) {
            send(engine.topic("t", small()), 9);
            assertTrue(engine.topic("t").number() > 3, "numbers of old ones are not given again");
            engine.group("g").topics("t");
            assertEquals(List.of(9), receive(engine.group("g")));
            assertEquals(0, engine.group("g").deadLetters("t").letters());
          } else {
            assertEquals(List.of("t"), rest, "made by the judge before");
            assertEquals(List.of(), receive(engine.group("g")));
          }
        });
  }

  @Test
  void aGroupIsWholeOrGoneAndNextTimeAnotherOne() {
    everyCut(
        DeleteSeamTest::prepare,
        engine -> engine.deleteGroup("g"),
        engine -> {
          if (engine.groups().contains("g") && engine.group("g").config().maxAttempts() == 1) {
            assertEquals(List.of("t", "t.g.retry"), engine.group("g").topicNames());
            assertEquals(1, engine.group("g").deadLetters("t").letters());
            engine.deleteGroup("g");
          }
          assertEquals(2, engine.topic("t.g.dlq").endOffset());
          if (engine.groups().isEmpty()) {
            assertEquals(List.of("t", "t.g.dlq"), engine.topics());
            Group again = engine.topic("t").group("g", GroupConfig.defaults());
            assertEquals(List.of(1, 2, 3, 4), receive(again));
            assertEquals(2, again.deadLetters("t").letters());
          } else {
            assertEquals(List.of(), receive(engine.group("g")));
          }
        });
  }

  @Test
  void aGroupThatLeavesATopicHasAllOrNothingOfItsState() {
    everyCut(
        DeleteSeamTest::prepare,
        engine -> engine.group("g").removeTopics("t"),
        engine -> {
          Group group = engine.group("g");
          if (group.topicNames().contains("t")) {
            long unfinished = group.lag().get(0).unfinished();
            assertTrue(unfinished <= 1, "what was done stays done: " + unfinished);
            long letters = group.deadLetters("t").letters();
            boolean copied = group.topicNames().contains("t.g.retry");
            assertTrue(letters == 2 || letters == 1 && copied, "a letter or its copy: " + letters);
          } else {
            assertEquals(List.of(), group.topicNames());
            assertEquals(List.of(1, 2, 3, 4), receive(group.topics("t")));
          }
        });
  }

  @Test
  void aTopicThatAPatternMatchesIsNeverThereWithoutItsGroup() {
    everyCut(
        engine -> engine.group("g", GroupConfig.defaults()).topics("orders.*"),
        engine -> engine.topic("orders.eu", small()),
        engine -> {
          assertEquals(engine.topics(), engine.group("g").topicNames());
          Topic topic = engine.topic("orders.eu", small());
          long before = topic.endOffset();
          send(topic, (int) before);
          assertEquals(List.of((int) before), receive(engine.group("g")));
        });
  }

  @Test
  void aPatternIsStoredAsAWholeAfterItsTopics() {
    everyCut(
        engine -> {
          send(engine.topic("orders.eu", small()), 1);
          send(engine.topic("orders.us", small()), 2);
          engine.group("g", GroupConfig.defaults());
        },
        engine -> engine.group("g").topics("orders.*"),
        engine -> {
          boolean stored = !engine.group("g").patterns().isEmpty();
          int topics = engine.group("g").topicNames().size();
          assertTrue(topics == 2 || !stored, topics + " topics");
          if (stored) {
            List<Integer> got = receive(engine.group("g"));
            assertTrue(got.isEmpty() || got.equals(List.of(1, 2)), got.toString());
          }
        });
  }

  @Test
  void aGroupHasTheOldConfigurationOrTheNewOne() {
    GroupConfig from = GroupConfig.defaults();
    GroupConfig to = GroupConfig.builder().maxAttempts(9).maxInFlight(7).build();
    everyCut(
        engine -> engine.topic("t", small()).group("g", from),
        engine -> engine.group("g").update(to),
        engine -> assertTrue(List.of(from, to).contains(engine.group("g").config())));
  }

  @Test
  void stateOfAnOlderLifeIsNotBelievedWhereNobodyDeletedIt() {
    warnings.setLevel(Level.OFF);
    CrashFileSystem disk = CrashFileSystem.create();
    try (Engine engine = open(disk)) {
      prepare(engine);
    }
    disk.unmapAll();
    try (Store store = Store.open(OpenEngine.directory(disk))) {
      store.deletion().begin("t"); // and what belongs to it elsewhere is left
      store.deletion().finish("t");
    }
    try (Engine engine = open(disk)) {
      send(engine.topic("t", small()), 9);
      engine.group("g").topics("t");
      assertTrue(receive(engine.group("g")).contains(9));
    }
  }

  private static Engine open(CrashFileSystem disk) {
    disk.unmapAll();
    return Engine.open(OpenEngine.directory(disk), EngineConfig.defaults());
  }
}
