package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.StorePoisonedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends the wait of a send for room in its topic, and what must not hold it up. */
class RoomWaitTest extends LimitsFixture {
  private static Throwable failure(CompletableFuture<?> sent) {
    return assertThrows(CompletionException.class, sent::join).getCause();
  }

  private static List<CompletableFuture<Receipt>> sendAsync(Producer producer, int count) {
    return IntStream.range(0, count).mapToObj(i -> producer.sendAsync(message("m" + i))).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void asynchronousSendsAreAnsweredBeforeTheNextWaitForRoom(String durability) {
    Topic topic =
        topic(
            small()
                .durability(Durability.parse(durability))
                .maxMessages(10)
                .onFull(OnFull.block(LONG)));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      List<CompletableFuture<Receipt>> sent = sendAsync(producer, 100);
      for (int acked = 0; acked < 100; acked += 5) {
        for (int i = acked; i < acked + 10 && i < 100; i++) {
          assertEquals(i, sent.get(i).join().offset(), "nobody has to ack for that");
        }
        assertTrue(topic.endOffset() - acked <= 10);
        assertEquals(5, ack(group, 5));
      }
    }
  }

  @Test
  void aMessageThatFindsNoRoomFailsAloneAndOthersOfItsBatchDoNot() {
    Topic topic = topic(small().maxBytes(2 << 20).onFull(OnFull.reject()));
    topic.group("g", DEFAULTS);
    ProducerConfig slow = ProducerConfig.builder("q").linger(Duration.ofMillis(200)).build();
    try (Producer producer = producer(topic);
        Producer batches = topic.producer(slow)) {
      fill(producer);
      CompletableFuture<Receipt> large = batches.sendAsync(Message.of(new byte[4_000]));
      List<CompletableFuture<Receipt>> small = sendAsync(batches, 10);
      assertInstanceOf(TopicFullException.class, failure(large));
      small.forEach(CompletableFuture::join);
    }
  }

  @Test
  void thePoisonOfAStoreEndsTheWait() {
    CrashFileSystem disk = CrashFileSystem.create();
    Engine other = Engine.open(disk.getPath("/data/store"));
    Topic topic = other.topic("t", small().maxMessages(1).onFull(OnFull.block(LONG)).build());
    topic.group("g", DEFAULTS);
    Producer producer = producer(topic);
    send(producer, 1);
    CompletableFuture<Receipt> first = blocked(() -> producer.send(message("a")));
    CompletableFuture<Receipt> second = blocked(() -> producer.send(message("b")));
    Producer forcing = producer(other.topic("u", TestStores.small().build()));
    disk.watch(
        call -> {
          if (call.kind() == Call.Kind.FORCE) {
            throw new IOException("Input/output error");
          }
        });
    Logger log = Logger.getLogger("io.holdfast");
    log.setLevel(Level.OFF); // the failure with its stack
    try {
      assertThrows(SendOutcomeUnknownException.class, () -> send(forcing, 1));
      assertInstanceOf(StorePoisonedException.class, failure(first));
      assertInstanceOf(StorePoisonedException.class, failure(second));
      assertThrows(StorePoisonedException.class, other::close);
    } finally {
      log.setLevel(null);
    }
  }

  @Test
  void theDeletionOfItsTopicEndsTheWaitAndIsTold() {
    Topic topic = topic(1, OnFull.block(LONG));
    topic.group("g", DEFAULTS);
    Producer producer = producer(topic);
    send(producer, 1);
    CompletableFuture<Receipt> sent = blocked(() -> producer.send(message("late")));
    Producer other = topic.producer(ProducerConfig.named("q"));
    CompletableFuture<Receipt> async = other.sendAsync(message("later"));
    engine.deleteTopic("t");
    for (CompletableFuture<Receipt> one : List.of(sent, async)) {
      AlreadyClosedException told =
          assertInstanceOf(AlreadyClosedException.class, failure(one));
      assertTrue(told.getMessage().contains("its topic was deleted"), told.getMessage());
    }
  }

  @Test
  void theDeletionOfTheGroupThatHeldItUpEndsTheWait() {
    Topic topic = topic(3, OnFull.block(LONG));
    Group fast = topic.group("fast", DEFAULTS);
    topic.group("slow", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 3);
      ack(fast, 3);
      CompletableFuture<Receipt> sent = blocked(() -> producer.send(message("late")));
      engine.deleteGroup("slow");
      assertEquals(3, sent.join().offset());
    }
  }

  @Test
  void whoWaitsForBytesDoesNotWaitForThoseWhoWaitForPermits() {
    Topic topic = topic(small().maxMessages(800).maxBytes(2 << 20).onFull(OnFull.block(LONG)));
    Group group = topic.group("g", DEFAULTS);
    List<Message> large = Collections.nCopies(800, Message.of(new byte[4_000]));
    try (Producer producer = producer(topic)) {
      CompletableFuture<List<Receipt>> bytes = blocked(() -> producer.sendAll(large));
      CompletableFuture<List<Receipt>> permits = blocked(() -> producer.sendAll(messages(800)));
      while (!permits.isDone()) { // the first has all permits, and must get its bytes twice
        ack(group, 50);
      }
      assertEquals(800, bytes.join().size());
      assertEquals(800, permits.join().size());
    }
  }

  @Test
  void whoWaitsBehindOthersForBytesWaitsForNoPermit() {
    Topic topic = topic(small().maxBytes(2 << 20).onFull(OnFull.block(LONG)));
    Group group = topic.group("g", DEFAULTS);
    Message large = Message.of(new byte[4_000]);
    try (Producer producer = producer(topic)) {
      CompletableFuture<List<Receipt>> first =
          blocked(() -> producer.sendAll(Collections.nCopies(800, large)));
      CompletableFuture<Receipt> second = blocked(() -> producer.send(large));
      ackAll(group);
      while (!first.isDone() || !second.isDone()) {
        ack(group, 50);
      }
      assertEquals(800, first.join().size());
    }
    close();
    assertTrue(events.contains(new EngineEvent.TopicFull("t", "maxBytes " + (2 << 20))));
    assertFalse(events.toString().contains("maxMessages"), events::toString);
  }

  @Test
  void theListenerIsToldOfEachLimitOnceInTenSeconds() {
    Topic topic = topic(small().maxMessages(1_000).maxBytes(2 << 20).onFull(OnFull.reject()));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      assertTrue(fill(producer) < 1_000);
      fill(producer);
      ackAll(group);
      for (int i = 0; i < 10; i++) {
        producer.sendAll(messages(100));
      }
      refused(producer);
      refused(producer);
      clock.advance(Duration.ofSeconds(10));
      refused(producer);
    }
    close();
    EngineEvent bytes = new EngineEvent.TopicFull("t", "maxBytes " + (2 << 20));
    EngineEvent number = new EngineEvent.TopicFull("t", "maxMessages 1000");
    assertEquals(
        List.of(bytes, number, number),
        events.stream().filter(EngineEvent.TopicFull.class::isInstance).toList());
  }
}
