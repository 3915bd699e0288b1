package io.holdfast.engine;

import static io.holdfast.engine.SequenceFixture.content;
import static io.holdfast.engine.SequenceFixture.identified;
import static io.holdfast.engine.SequenceFixture.isDuplicate;
import static io.holdfast.engine.SequenceFixture.isNew;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.ConfigurationMismatchException;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A topic takes a message with an id once, as long as it remembers the id. */
class DedupIdTest {
  private static final Duration WINDOW = Duration.ofMinutes(2);

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
    topic =
        engine.topic(
            "t",
            TestStores.small()
                .durability(Durability.processCrash())
                .dedupWindow(WINDOW, 1_000)
                .build());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void reopen() {
    engine.close();
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t");
  }

  private Producer producer(String name) {
    return topic.producer(ProducerConfig.named(name));
  }

  @Test
  void anIdIsTakenOnceFromWhomeverItComes() {
    try (Producer producer = producer("p");
        Producer other = producer("other")) {
      isNew(producer.send(identified("a")), 0);
      isNew(other.send(identified("b")), 1);
      Receipt again = other.send(identified("a"));
      isDuplicate(again, 0);
      assertEquals(clock.time(), again.timestamp().toEpochMilli());
      isDuplicate(producer.sendAsync(identified("b")).join(), 1);
      assertEquals(List.of("a", "b"), content(topic));
    }
  }

  @Test
  void anIdCountsForTheTimeOfTheWindow() {
    try (Producer producer = producer("p")) {
      isNew(producer.send(identified("a")), 0);
      clock.advance(WINDOW.minusMillis(1));
      isDuplicate(producer.send(identified("a")), 0);
      clock.advance(Duration.ofMillis(1));
      isNew(producer.send(identified("a")), 1);
      isDuplicate(producer.send(identified("a")), 1);
    }
  }

  @Test
  void theWindowHoldsSoManyIds() {
    try (Producer producer = producer("p")) {
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < 1_001; i++) {
        messages.add(identified("m" + i));
      }
      producer.sendAll(messages);
      isDuplicate(producer.send(identified("m1")), 1);
      isNew(producer.send(identified("m0")), 1_001);
    }
  }

  @Test
  void idsAreKnownAfterReopening() {
    try (Producer producer = producer("p")) {
      for (int i = 0; i < 2_500; i++) { // more than twice around the ring
        producer.send(identified("m" + i));
      }
    }
    clock.advance(Duration.ofMinutes(1));
    reopen();
    try (Producer producer = producer("p")) {
      isDuplicate(producer.send(identified("m1500")), 1_500);
      isDuplicate(producer.send(identified("m2499")), 2_499);
      isNew(producer.send(identified("m1499")), 2_500);
      isNew(producer.send(identified("new")), 2_501);
    }
    clock.advance(Duration.ofMinutes(1));
    reopen();
    try (Producer producer = producer("p")) {
      isDuplicate(producer.send(identified("new")), 2_501);
      isNew(producer.send(identified("m2499")), 2_502);
    }
  }

  @Test
  void whatAKilledProcessTookIsKnown() {
    try (Producer producer = producer("p")) {
      for (int i = 0; i < 300; i++) {
        producer.send(identified("m" + i));
      }
    }
    Path image = TestStores.image(dir, dir.resolveSibling(dir.getFileName() + "-image"));
    try (Engine next = Engine.open(image, EngineConfig.defaults().withClock(clock));
        Producer producer = next.topic("t").producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < 300; i++) {
        isDuplicate(producer.send(identified("m" + i)), i);
      }
      isNew(producer.send(identified("m300")), 300);
    } finally {
      TestStores.delete(image);
    }
  }

  @Test
  void idsOfDroppedMessagesAreStillKnown() {
    topic =
        engine.topic(
            "t",
            TestStores.small()
                .durability(Durability.processCrash())
                .dedupWindow(WINDOW, 1_000)
                .build());
    Topic short_ =
        engine.topic(
            "short",
            TestStores.small()
                .durability(Durability.processCrash())
                .retention(Retention.byCount(10))
                .build());
    try (Producer producer = short_.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < 1_500; i++) {
        producer.send(Message.builder(new byte[4_000]).dedupId("m" + i).build());
      }
      EngineInside.retain(engine, "short");
    }
    assertTrue(short_.firstOffset() > 500);
    Path image = TestStores.image(dir, dir.resolveSibling(dir.getFileName() + "-image"));
    try (Engine next = Engine.open(image, EngineConfig.defaults().withClock(clock));
        Producer producer = next.topic("short").producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < 1_500; i++) {
        isDuplicate(producer.send(Message.builder(new byte[9]).dedupId("m" + i).build()), i);
      }
    } finally {
      TestStores.delete(image);
    }
  }

  @Test
  void sendersOfTheSameIdsAtOnceWriteEachOnce() throws InterruptedException {
    List<Receipt> taken = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Producer producer = producer("p" + t);
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 200; i++) {
                  Receipt receipt = producer.send(identified("m" + i));
                  if (!receipt.isDuplicate()) {
                    taken.add(receipt);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(200, taken.size());
    assertEquals(200, content(topic).stream().distinct().count());
    assertEquals(200, topic.endOffset());
  }

  @Test
  void duplicatesInsideOneSendAllAreFoundBySequenceAndById() {
    try (Producer producer = producer("p")) {
      Message both = Message.builder(new byte[0]).sequence(1).dedupId("a").build();
      List<Receipt> receipts =
          producer.sendAll(
              List.of(
                  both,
                  identified("a"),
                  SequenceFixture.numbered(1),
                  Message.builder(new byte[0]).sequence(2).dedupId("a").build(),
                  identified("b")));
      isNew(receipts.get(0), 0);
      isDuplicate(receipts.get(1), 0);
      isDuplicate(receipts.get(2), 0);
      isDuplicate(receipts.get(3), 0);
      isNew(receipts.get(4), 1);
    }
  }

  @Test
  void theWindowBelongsToTheTopicsConfiguration() {
    assertEquals(WINDOW, topic.config().dedupWindow());
    assertEquals(1_000, topic.config().dedupCount());
    assertEquals(100_000, TopicConfig.defaults().dedupCount());
    assertThrows(
        ConfigurationMismatchException.class,
        () -> engine.topic("t", TestStores.small().durability(Durability.processCrash()).build()));
    TopicConfig.Builder builder = TopicConfig.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.dedupWindow(WINDOW, 0));
    assertThrows(IllegalArgumentException.class, () -> builder.dedupWindow(Duration.ZERO, 1));
    assertThrows(IllegalArgumentException.class, () -> identified(""));
    assertThrows(IllegalArgumentException.class, () -> identified("x".repeat(257)));
  }
}
