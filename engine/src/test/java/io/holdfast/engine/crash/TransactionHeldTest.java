package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Reader;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.Transaction;
import io.holdfast.engine.error.TransactionHeldException;
import io.holdfast.engine.transaction.TransactionStep;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.crash.CrashPoint;
import io.holdfast.storage.crash.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction that is committed, and a part of it cannot be applied now. */
class TransactionHeldTest {
  private static final int COUNT = 200; // more than fits without a further segment

  private final Logger log = Logger.getLogger("io.holdfast");
  private final CrashFileSystem disk = CrashFileSystem.create();

  @BeforeEach
  void hush() {
    log.setLevel(Level.OFF); // each failure with its stack
  }

  @AfterEach
  void listen() {
    log.setLevel(null);
  }

  private static Engine open(CrashFileSystem on) {
    return Engine.open(
        OpenEngine.directory(on), EngineConfig.defaults().withMaxTransactionBytes(1 << 20));
  }

  private static Topic topic(Engine engine, String name) {
    return engine.topic(
        name, TopicConfig.builder().segmentSize(1 << 20).maxMessageSize(4096).build());
  }

  private static void sendIn(Engine engine, int count) {
    try (Producer producer = topic(engine, "in").producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.of(new byte[] {(byte) i}));
      }
    }
  }

  private static List<Delivery> receive(Engine engine) {
    return topic(engine, "in")
        .group("g", GroupConfig.defaults())
        .consumer("c")
        .receive(100, Duration.ZERO);
  }

  private static Transaction large(Engine engine) {
    Transaction transaction = engine.transaction();
    for (int i = 0; i < COUNT; i++) {
      byte[] payload = new byte[4_000];
      payload[0] = (byte) i;
      transaction.send("out", Message.of(payload));
    }
    return transaction.send("small", Message.of(new byte[1]));
  }

  private static List<Integer> read(Engine engine, String topic) {
    List<Integer> tags = new ArrayList<>();
    try (Reader reader = engine.topic(topic).reader(StartAt.earliest())) {
      while (reader.poll(view -> tags.add(view.toMessage().payload()[0] & 0xFF), 100) > 0) {
        // to the end
      }
    }
    return tags;
  }

  private static void assertAllOnce(Engine engine) {
    assertEquals(IntStream.range(0, COUNT).boxed().toList(), read(engine, "out"));
    assertEquals(List.of(0), read(engine, "small"));
    assertEquals(List.of(), receive(engine), "the ack");
  }

  /** Commits on a disk that is full once the record is written. */
  private Fault commitOnAFullDisk(Engine engine) {
    topic(engine, "out");
    topic(engine, "small");
    topic(engine, "other");
    sendIn(engine, 1);
    Delivery delivery = receive(engine).get(0);
    Fault full = new Fault(Fault.Error.FULL, 1, true);
    EngineInside.transactionSteps(
        engine,
        step -> {
          if (step == TransactionStep.WRITTEN) {
            disk.watch(full);
          }
        });
    Transaction transaction = large(engine).ack(delivery);
    TransactionHeldException e =
        assertThrows(TransactionHeldException.class, transaction::commit);
    assertTrue(e.getMessage().contains("is committed"), e::getMessage);
    EngineInside.transactionSteps(engine, step -> {});
    assertTrue(delivery.isSettled());
    return full;
  }

  @Test
  void whatAFullDiskHeldIsAppendedWhenThereIsRoom() {
    try (Engine engine = open(disk)) {
      Fault full = commitOnAFullDisk(engine);
      EngineInside.tick(engine);
      assertTrue(read(engine, "out").size() < COUNT);
      full.end();
      EngineInside.tick(engine);
      EngineInside.tick(engine); // which forces what the first one has appended
      assertAllOnce(engine);
    }
    try (Engine engine = open(disk)) {
      assertAllOnce(engine);
    }
  }

  @Test
  void theNextOpeningAppendsWhatAFullDiskHeld() {
    List<CrashPoint> points = Collections.synchronizedList(new ArrayList<>());
    try (Engine engine = open(disk)) {
      Fault full = commitOnAFullDisk(engine);
      disk.still(() -> points.add(disk.point()));
      engine.transaction().send("other", Message.of(new byte[1])).commit();
      full.end();
      disk.watch(call -> points.add(disk.point()));
      EngineInside.markTransactions(engine); // what is held is written again
      disk.still(() -> points.add(disk.point()));
      EngineInside.tick(engine);
      disk.watch(call -> {});
      disk.still(() -> points.add(disk.point()));
    }
    assertTrue(points.size() > 5, () -> points.size() + " moments");
    for (CrashPoint point : points) {
      CrashFileSystem killed = point.killed();
      for (int i = 0; i < 2; i++) {
        try (Engine engine = open(killed)) {
          assertAllOnce(engine);
        }
      }
    }
  }

  private interface Change {
    void on(CrashFileSystem killed) throws IOException;
  }

  /** Opens a store with a file that is damaged, and again when it is repaired. */
  private void repaired(String file, Change meanwhile) throws IOException {
    CrashPoint[] point = new CrashPoint[1];
    try (Engine engine = open(disk)) {
      topic(engine, "out");
      topic(engine, "small");
      topic(engine, "other");
      sendIn(engine, 1);
      List<Delivery> got = receive(engine);
      EngineInside.transactionSteps(
          engine,
          step -> {
            if (step == TransactionStep.FORCED) {
              disk.still(() -> point[0] = disk.point());
            }
          });
      large(engine).ack(got.get(0)).commit();
    }
    CrashFileSystem killed = point[0].killed();
    Path damaged = OpenEngine.directory(killed).resolve(file);
    byte[] whole = Files.readAllBytes(damaged);
    Files.write(damaged, new byte[] {1, 2, 3});
    for (int i = 0; i < 3; i++) {
      killed.unmapAll();
      meanwhile.on(killed);
    }
    Files.write(damaged, whole);
    for (int i = 0; i < 2; i++) {
      killed.unmapAll();
      try (Engine engine = open(killed)) {
        assertAllOnce(engine);
      }
    }
  }

  @Test
  void aTopicThatWasRefusedGetsItsMessagesWhenItIsRepaired() throws IOException {
    repaired(
        "topics/out/topic.properties",
        killed -> {
          try (Engine engine = open(killed)) {
            assertEquals(List.of(0), read(engine, "small"));
            assertEquals(List.of(), receive(engine));
            engine.transaction().send("other", Message.of(new byte[1])).commit();
            EngineInside.tick(engine);
          }
        });
  }

  @Test
  void aGroupThatWasRefusedGetsItsAcksWhenItIsRepaired() throws IOException {
    repaired(
        "groups/g/group.properties",
        killed -> {
          try (Engine engine = open(killed)) {
            assertEquals(COUNT, read(engine, "out").size());
            engine.transaction().send("other", Message.of(new byte[1])).commit();
            EngineInside.tick(engine);
          }
        });
  }

  @Test
  void aGroupThatIsMadeAgainGetsNoAcksOfTheOneThatWasDeleted() {
    CrashPoint[] point = new CrashPoint[1];
    try (Engine engine = open(disk)) {
      sendIn(engine, 1);
      List<Delivery> got = receive(engine);
      engine.transaction().ack(got.get(0)).commit();
      engine.deleteGroup("g");
      disk.still(() -> point[0] = disk.point());
    }
    CrashFileSystem killed = point[0].killed();
    for (int i = 0; i < 2; i++) {
      try (Engine engine = open(killed);
          Consumer consumer =
              topic(engine, "in").group("g", GroupConfig.defaults()).consumer("c")) {
        assertEquals(1, consumer.receive(10, Duration.ZERO).size());
      }
    }
  }
}
