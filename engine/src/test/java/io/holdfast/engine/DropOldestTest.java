package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes for a send to a topic that drops the oldest when it is full, and who loses it. */
class DropOldestTest extends LimitsFixture {
  @Test
  void theOldestThatIsNotOutGivesWayInTheGroupsThatAreFull() {
    Topic topic = topic(5, OnFull.dropOldest());
    Group full = topic.group("full", DEFAULTS);
    Group empty = topic.group("empty", DEFAULTS);
    try (Producer producer = producer(topic);
        Consumer consumer = full.consumer("c")) {
      send(producer, 5);
      List<Delivery> out = consumer.receive(2, AT_ONCE); // 0 and 1
      ack(empty, 3);
      send(producer, 1);
      producer.sendAll(messages(2));
      assertEquals(3, full.lag().get(0).dropped());
      assertEquals(0, full.lag().get(0).lowWaterMark());
      assertEquals(5, full.lag().get(0).unfinished());
      assertEquals(0, empty.lag().get(0).dropped());
      out.forEach(Delivery::ack);
      assertEquals(
          List.of(5L, 6L, 7L),
          consumer.receive(10, AT_ONCE).stream().map(Delivery::offset).toList());
      String told =
          assertThrows(TopicFullException.class, () -> producer.sendAll(messages(6)))
              .getMessage();
      assertTrue(told.contains("in parts"), told);
      assertThrows(TopicFullException.class, () -> producer.sendAll(messages(4)));
      assertEquals(8, topic.endOffset(), "three are out, and there is room for two");
    }
    engine.close(); // has told all
    long lost =
        events.stream()
            .filter(EngineEvent.MessagesLost.class::isInstance)
            .map(EngineEvent.MessagesLost.class::cast)
            .filter(event -> event.cause() == EngineEvent.Cause.LIMIT)
            .mapToLong(EngineEvent.MessagesLost::count)
            .sum();
    assertTrue(
        events.contains(
            new EngineEvent.MessagesLost("full", "t", 0, 3, 1, EngineEvent.Cause.LIMIT)),
        events::toString); // 0 and 1 are out, 2 gives way
    assertEquals(3, lost, "no group loses anything for a send that another one refuses");
  }

  @Test
  void whatGaveWayIsCountedAfterReopening() {
    Topic topic = topic(5, OnFull.dropOldest());
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 12);
    }
    reopen();
    Group group = engine.group("g");
    assertEquals(7, group.lag().get(0).dropped());
    assertEquals(5, ack(group, 100));
  }

  @Test
  void keysGoOnBehindMessagesThatGaveWay() {
    Topic topic = topic(5, OnFull.dropOldest());
    GroupConfig ordered = GroupConfig.builder().ordering(Ordering.byKey()).build();
    Group group = topic.group("g", ordered);
    try (Producer producer = producer(topic);
        Consumer consumer = group.consumer("c")) {
      for (int i = 0; i < 5; i++) {
        producer.send(Message.builder(new byte[] {(byte) i}).key("k").build());
      }
      Delivery first = consumer.receive(10, AT_ONCE).get(0); // the others wait behind it
      for (int i = 5; i < 8; i++) {
        producer.send(Message.builder(new byte[] {(byte) i}).key("k").build());
      }
      assertEquals(3, group.lag().get(0).dropped());
      first.ack();
      for (long offset = 4; offset < 8; offset++) {
        List<Delivery> got = consumer.receive(10, AT_ONCE);
        assertEquals(List.of(offset), got.stream().map(Delivery::offset).toList());
        got.get(0).ack();
      }
      assertEquals(0, group.lag().get(0).unfinished());
    }
  }

  @Test
  void withNobodyToLoseThemTheNewestStay() {
    Topic topic = topic(100, OnFull.dropOldest());
    try (Producer producer = producer(topic)) {
      for (int i = 0; i < 1_000; i++) {
        producer.send(Message.of(new byte[4_000]));
      }
    }
    assertTrue(topic.firstOffset() > 0 && topic.firstOffset() <= 900);
    Group group = topic.group("g", DEFAULTS);
    assertEquals(1_000 - topic.firstOffset(), group.lag().get(0).unfinished());
  }

  @Test
  void ofBytesTheOldestFileGivesWay() {
    long most = 2 << 20;
    Topic topic = engine.topic("t", small().maxBytes(most).onFull(OnFull.dropOldest()).build());
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      for (int i = 0; i < 2_000; i++) {
        producer.send(Message.of(new byte[4_000]));
      }
    }
    assertTrue(topic.log().files().bytes() <= most);
    assertEquals(topic.firstOffset(), group.lag().get(0).dropped());
    assertEquals(2_000 - topic.firstOffset(), ack(group, 10_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void sendsAtTheSameTimeTakeEachOthersPlace(String durability) throws InterruptedException {
    Topic topic =
        topic(
            small()
                .durability(Durability.parse(durability))
                .maxMessages(1)
                .onFull(OnFull.dropOldest()));
    Group group = topic.group("g", DEFAULTS);
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try (Producer producer = producer(topic)) {
      for (int i = 0; i < 4; i++) {
        threads.add(new Thread(() -> send(producer, 50)));
      }
      threads.forEach(each -> each.setUncaughtExceptionHandler((on, e) -> failures.add(e)));
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertEquals(List.of(), failures);
    assertEquals(200, topic.endOffset());
    assertEquals(199, group.lag().get(0).dropped());
  }

  @Test
  void anAsynchronousBatchTakesTheRoomThatThereIs() {
    Topic topic = topic(10, OnFull.dropOldest());
    Group group = topic.group("g", DEFAULTS);
    ProducerConfig slow = ProducerConfig.builder("q").linger(Duration.ofMillis(200)).build();
    try (Producer producer = producer(topic);
        Producer batches = topic.producer(slow);
        Consumer consumer = group.consumer("c")) {
      send(producer, 10);
      assertEquals(8, consumer.receive(8, AT_ONCE).size());
      List<CompletableFuture<Receipt>> sent =
          IntStream.range(0, 5).mapToObj(i -> batches.sendAsync(message("m"))).toList();
      sent.forEach(CompletableFuture::join);
      assertEquals(5, group.lag().get(0).dropped());
    }
  }

  @Test
  void filesThatAreNotDurableYetAreMadeSoAndGoForALargeBatch() {
    long most = 2 << 20;
    Topic topic =
        topic(
            small()
                .durability(Durability.powerLoss())
                .maxBytes(most)
                .onFull(OnFull.dropOldest()));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      Message large = Message.of(new byte[4_000]);
      assertEquals(1_500, producer.sendAll(Collections.nCopies(1_500, large)).size());
    }
    assertTrue(topic.log().files().bytes() <= most);
    assertEquals(topic.firstOffset(), group.lag().get(0).dropped());
  }

  @Test
  void aGroupThatIsBeingDeletedFailsNoSend() {
    Topic topic = topic(small().maxBytes(2 << 20).maxMessages(10_000).onFull(OnFull.dropOldest()));
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      engine.group("g").close(); // as far as a deletion that is under way
      TopicFullException full = refused(() -> fillOrFail(producer));
      assertTrue(full.getMessage().contains("maxBytes"), full.getMessage());
      engine.deleteGroup("g");
      fillOrFail(producer);
    }
  }

  private static Object fillOrFail(Producer producer) {
    for (int i = 0; i < 1_000; i++) {
      producer.send(Message.of(new byte[4_000]));
    }
    return producer;
  }

  @Test
  void nothingOfAGroupWhoseStateIsRefusedGoesAndTheLimitHolds() throws IOException {
    Topic topic = topic(5, OnFull.dropOldest());
    topic.group("damaged", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 5);
    }
    damage("damaged");
    try (Producer producer = producer(engine.topic("t"))) {
      String told = refused(producer).getMessage();
      assertTrue(told.contains("(damaged)"), told);
      assertEquals(5, engine.topic("t").endOffset());
      engine.deleteGroup("damaged");
      send(producer, 5);
    }
  }
}
