package io.holdfast.engine.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Engine;
import io.holdfast.engine.EngineConfig;
import io.holdfast.engine.EngineEvent;
import io.holdfast.engine.EngineEvent.MessagesLost;
import io.holdfast.engine.EngineInside;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Retention;
import io.holdfast.engine.StartAt;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.group.DoneLayout;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.crash.CrashFileSystem;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A drop that has no room for the bits that it needs. */
class DropFaultTest {
  private static final int LARGE = 4_000; // some 260 of them fill a file
  private static final int BEFORE = 400; // messages up to the end of the chunk of bits
  private static final byte[] NOTHING = new byte[0];

  private final Logger log = Logger.getLogger("io.holdfast");
  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();

  @BeforeEach
  void silence() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void listen() {
    log.setLevel(null);
  }

  /** Messages that are dropped, or lie where nobody needs a bit, up to almost a chunk of bits. */
  private static void fill(TopicLog log) {
    RecordBatch batch = log.newBatch();
    while (log.endOffset() < DoneLayout.OFFSETS - BEFORE) {
      batch.clear();
      long room = DoneLayout.OFFSETS - BEFORE - log.endOffset();
      while (room-- > 0 && batch.add(NOTHING, 0, NOTHING, 0, 0)) {
        // as many as fit
      }
      log.append(batch);
      log.dropBefore(log.endOffset());
    }
  }

  private static void send(Topic topic, int count, Duration delay) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.builder(new byte[LARGE]).delay(delay).build());
      }
    }
  }

  @Test
  void whatIsCountedIsToldWhereTheRestFindsNoRoom() {
    CrashFileSystem disk = CrashFileSystem.create();
    EngineConfig config = EngineConfig.defaults().withListener(events::add);
    AtomicBoolean isFull = new AtomicBoolean(true);
    long counted;
    try (Engine engine = Engine.open(OpenEngine.directory(disk), config)) {
      Topic topic = topic(engine);
      fill(EngineInside.log(engine, "t"));
      Group group = engine.group("g", GroupConfig.defaults());
      group.topics(StartAt.latest(), "t");
      disk.watch(
          call -> {
            if (isFull.get() && call.path().toString().endsWith("0000000001.done.tmp")) {
              throw new IOException("No space left on device");
            }
          });
      EngineInside.whileKept(
          engine,
          "t",
          () -> {
            send(topic, BEFORE - 2, Duration.ofDays(1));
            send(topic, 1, Duration.ZERO);
            assertEquals(1, group.consumer("c").receive(1, Duration.ofSeconds(10)).size());
            send(topic, 800, Duration.ZERO);
          });
      EngineInside.retain(engine, "t");
      counted = group.lag().get(0).dropped();
      assertTrue(counted > 0 && counted < BEFORE - 2, () -> counted(group));
    }
    assertEquals(counted, told());
    isFull.set(false);
    disk.unmapAll();
    try (Engine engine = Engine.open(OpenEngine.directory(disk), config)) {
      EngineInside.retain(engine, "t");
      counted = engine.group("g").lag().get(0).dropped();
      assertTrue(counted >= BEFORE - 2, () -> counted(engine.group("g")));
    }
    assertEquals(counted, told());
  }

  private static Topic topic(Engine engine) {
    return engine.topic(
        "t",
        TopicConfig.builder()
            .durability(Durability.processCrash())
            .segmentSize(1 << 20)
            .maxMessageSize(LARGE)
            .retention(Retention.byCount(10))
            .build());
  }

  private static String counted(Group group) {
    return group.lag().toString();
  }

  private long told() {
    return events.stream().mapToLong(event -> ((MessagesLost) event).count()).sum();
  }
}
