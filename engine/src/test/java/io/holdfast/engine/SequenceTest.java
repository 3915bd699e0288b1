package io.holdfast.engine;

import static io.holdfast.engine.SequenceFixture.content;
import static io.holdfast.engine.SequenceFixture.isDuplicate;
import static io.holdfast.engine.SequenceFixture.isNew;
import static io.holdfast.engine.SequenceFixture.large;
import static io.holdfast.engine.SequenceFixture.numbered;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.ProducerNameInUseException;
import io.holdfast.engine.error.SequenceTooOldException;
import io.holdfast.engine.error.TooManyProducersException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.MessageTooLargeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A topic takes each sequence of a producer once. */
class SequenceTest {
  private static final int WINDOW = 1_024;

  @TempDir Path dir;
  private Engine engine;
  private Topic topic;

  @BeforeEach
  void open() {
    engine = Engine.open(dir);
    topic = engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void reopen() {
    engine.close();
    engine = Engine.open(dir);
    topic = engine.topic("t");
  }

  private Producer producer() {
    return topic.producer(ProducerConfig.named("p"));
  }

  private static void send(Producer producer, long from, long to) {
    List<Message> messages = new ArrayList<>();
    for (long sequence = from; sequence < to; sequence++) {
      messages.add(numbered(sequence));
    }
    producer.sendAll(messages);
  }

  @Test
  void aMessageThatIsSentAgainIsConfirmedWithThePlaceThatItHas() {
    try (Producer producer = producer()) {
      producer.send(message("before"));
      isNew(producer.send(numbered(7)), 1);
      isNew(producer.send(numbered(8)), 2);
      Receipt again = producer.send(numbered(7));
      isDuplicate(again, 1);
      assertEquals(MessageId.of(topic.number(), 1), again.messageId());
      isDuplicate(producer.send(numbered(8)), 2);
      assertEquals(List.of("before", "m7", "m8"), content(topic));
    }
  }

  @Test
  void aSequenceThatIsMissingInsideTheWindowIsAppended() {
    try (Producer producer = producer()) {
      send(producer, 0, 5);
      isNew(producer.send(numbered(10)), 5);
      isNew(producer.send(numbered(7)), 6);
      isNew(producer.send(numbered(6)), 7);
      isDuplicate(producer.send(numbered(7)), 6);
      isDuplicate(producer.send(numbered(6)), 7);
      isDuplicate(producer.send(numbered(3)), 3);
      assertEquals(OptionalLong.of(10), producer.lastSequence());
    }
  }

  @Test
  void belowTheWindowNobodyKnows() {
    try (Producer producer = producer()) {
      send(producer, 0, WINDOW + 1);
      isDuplicate(producer.send(numbered(1)), 1);
      SequenceTooOldException e =
          assertThrows(SequenceTooOldException.class, () -> producer.send(numbered(0)));
      assertTrue(e.getMessage().contains("producer p has come to sequence 1024"), e.getMessage());
      assertEquals(WINDOW + 1, topic.endOffset());
      isNew(producer.send(numbered(WINDOW + 1)), WINDOW + 1);
    }
  }

  @Test
  void theWindowHoldsSoManyMessagesHoweverFarApartTheirSequencesAre() {
    try (Producer producer = producer()) {
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < WINDOW; i++) {
        messages.add(numbered(1_000_000L * (i + 1)));
      }
      producer.sendAll(messages);
      isDuplicate(producer.send(numbered(1_000_000)), 0);
      isNew(producer.send(numbered(Long.MAX_VALUE)), WINDOW);
      isDuplicate(producer.send(numbered(Long.MAX_VALUE)), WINDOW);
      assertThrows(SequenceTooOldException.class, () -> producer.send(numbered(1_000_000)));
      isDuplicate(producer.send(numbered(2_000_000)), 1);
    }
    reopen();
    try (Producer producer = producer()) {
      isDuplicate(producer.send(numbered(Long.MAX_VALUE)), WINDOW);
      assertThrows(SequenceTooOldException.class, () -> producer.send(numbered(1_000_000)));
    }
  }

  @Test
  void belowTheWindowOfAnAscendingProducerEverythingIsADuplicate() {
    ProducerConfig ascending = ProducerConfig.builder("p").ascending().build();
    try (Producer producer = topic.producer(ascending)) {
      send(producer, 0, 2 * WINDOW);
      Receipt old = producer.send(numbered(3));
      assertTrue(old.isDuplicate());
      assertFalse(old.hasPlace());
      assertThrows(IllegalStateException.class, old::offset);
      assertThrows(IllegalStateException.class, old::messageId);
      isDuplicate(producer.send(numbered(2 * WINDOW - 1)), 2 * WINDOW - 1);
      assertEquals(2 * WINDOW, topic.endOffset());
    }
  }

  @Test
  void duplicatesInsideOneSendAllAreFound() {
    try (Producer producer = producer()) {
      producer.send(numbered(1));
      List<Receipt> receipts =
          producer.sendAll(
              List.of(
                  numbered(2),
                  numbered(1),
                  numbered(3),
                  message("plain"),
                  numbered(2),
                  numbered(3),
                  numbered(4)));
      isNew(receipts.get(0), 1);
      isDuplicate(receipts.get(1), 0);
      isNew(receipts.get(2), 2);
      isNew(receipts.get(3), 3);
      isDuplicate(receipts.get(4), 1);
      isDuplicate(receipts.get(5), 2);
      isNew(receipts.get(6), 4);
      assertEquals(List.of("m1", "m2", "m3", "plain", "m4"), content(topic));
    }
  }

  @Test
  void aSendAllOfSeveralBatchesIsTakenOnce() {
    try (Producer producer = producer()) {
      send(producer, 0, 10_000);
      send(producer, 10_000 - WINDOW, 10_000);
      assertEquals(10_000, topic.endOffset());
    }
  }

  @Test
  void aSendAllWithASequenceThatIsTooOldWritesNothing() {
    try (Producer producer = producer()) {
      send(producer, 0, 2 * WINDOW);
      assertThrows(
          SequenceTooOldException.class,
          () -> producer.sendAll(List.of(numbered(3_000), numbered(5), numbered(3_001))));
      Message large = Message.builder(new byte[5_000]).sequence(3_000).build();
      assertThrows(
          MessageTooLargeException.class,
          () -> producer.sendAll(List.of(numbered(3_000), large)));
      assertEquals(2 * WINDOW, topic.endOffset());
      isNew(producer.send(numbered(3_000)), 2 * WINDOW);
    }
  }

  @Test
  void asynchronousSendsAreTakenOnceAndAnsweredEach() throws Exception {
    ProducerConfig slow = ProducerConfig.builder("p").linger(Duration.ofMillis(20)).build();
    try (Producer producer = topic.producer(slow)) {
      List<CompletableFuture<Receipt>> first = new ArrayList<>();
      List<CompletableFuture<Receipt>> again = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        first.add(producer.sendAsync(numbered(i)));
        again.add(producer.sendAsync(numbered(i)));
      }
      for (int i = 0; i < 3_000; i++) {
        isNew(first.get(i).get(30, TimeUnit.SECONDS), i);
        isDuplicate(again.get(i).get(30, TimeUnit.SECONDS), i);
      }
      CompletableFuture<Receipt> old = producer.sendAsync(numbered(0));
      CompletableFuture<Receipt> next = producer.sendAsync(numbered(3_000));
      ExecutionException e =
          assertThrows(ExecutionException.class, () -> old.get(30, TimeUnit.SECONDS));
      assertInstanceOf(SequenceTooOldException.class, e.getCause());
      isNew(next.get(30, TimeUnit.SECONDS), 3_000);
    }
  }

  @Test
  void aProducerGoesOnWhereItsTopicHasComeTo() {
    try (Producer producer = producer()) {
      assertEquals(OptionalLong.empty(), producer.lastSequence());
      producer.send(message("without"));
      assertEquals(OptionalLong.empty(), producer.lastSequence());
      send(producer, 0, 100);
      assertEquals(OptionalLong.of(99), producer.lastSequence());
    }
    reopen();
    try (Producer producer = producer()) {
      assertEquals(OptionalLong.of(99), producer.lastSequence());
      isDuplicate(producer.send(numbered(50)), 51);
      isNew(producer.send(numbered(100)), 101);
      try (Producer other = topic.producer(ProducerConfig.named("other"))) {
        assertEquals(OptionalLong.empty(), other.lastSequence());
        isNew(other.send(numbered(50)), 102);
      }
    }
  }

  @Test
  void aNameThatIsOpenIsRefused() {
    try (Producer producer = producer()) {
      assertThrows(ProducerNameInUseException.class, this::producer);
      producer.send(numbered(0));
      assertThrows(ProducerNameInUseException.class, () -> topic.forgetProducer("p"));
    }
  }

  @Test
  void aForgottenProducerBeginsAnewAlsoAfterReopening() {
    try (Producer producer = producer()) {
      send(producer, 0, 2_000);
    }
    assertFalse(topic.forgetProducer("nobody"));
    assertTrue(topic.forgetProducer("p"));
    assertFalse(topic.forgetProducer("p"));
    reopen();
    assertFalse(topic.forgetProducer("p"));
    try (Producer producer = producer()) {
      assertEquals(OptionalLong.empty(), producer.lastSequence());
      isNew(producer.send(numbered(5)), 2_000);
    }
    reopen();
    try (Producer producer = producer()) {
      isDuplicate(producer.send(numbered(5)), 2_000);
      assertEquals(OptionalLong.of(5), producer.lastSequence());
    }
  }

  @Test
  void rollsCarryWhatProducersHaveSent() {
    try (Producer producer = producer();
        Producer other = topic.producer(ProducerConfig.named("other"))) {
      for (int i = 0; i < 3_000; i++) { // about 13 MB: many segments of 1 MiB
        producer.send(large(i));
        if (i % 100 == 0) {
          other.send(large(i));
        }
      }
    }
    reopen();
    try (Producer producer = producer();
        Producer other = topic.producer(ProducerConfig.named("other"))) {
      assertEquals(OptionalLong.of(2_999), producer.lastSequence());
      assertEquals(OptionalLong.of(2_900), other.lastSequence());
      long end = topic.endOffset();
      for (int i = 3_000 - WINDOW; i < 3_000; i++) {
        assertTrue(producer.send(large(i)).isDuplicate());
      }
      assertThrows(SequenceTooOldException.class, () -> producer.send(large(0)));
      for (int i = 0; i < 3_000; i += 100) {
        assertTrue(other.send(large(i)).isDuplicate());
      }
      assertEquals(end, topic.endOffset());
    }
  }

  @Test
  void whatWasDroppedIsStillKnown() {
    topic =
        engine.topic(
            "t2",
            TestStores.small()
                .durability(Durability.processCrash())
                .retention(Retention.byCount(10))
                .build());
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < 2_000; i++) {
        producer.send(large(i));
      }
    }
    EngineInside.retain(engine, "t2");
    assertTrue(topic.firstOffset() > 1_000);
    engine.close();
    engine = Engine.open(dir);
    topic = engine.topic("t2");
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      assertEquals(OptionalLong.of(1_999), producer.lastSequence());
      isDuplicate(producer.send(large(1_000)), 1_000);
    }
  }

  @Test
  void aTopicOfTheSameNameKnowsNothingOfTheOneBefore() {
    try (Producer producer = producer()) {
      send(producer, 0, 10);
      producer.send(SequenceFixture.identified("x"));
    }
    assertTrue(Files.exists(dir.resolve("dedup/t/sequences")));
    assertTrue(Files.exists(dir.resolve("dedup/t/ids")));
    engine.deleteTopic("t");
    assertFalse(Files.exists(dir.resolve("dedup/t")));
    topic = engine.topic("t", TestStores.small().build());
    try (Producer producer = producer()) {
      assertEquals(OptionalLong.empty(), producer.lastSequence());
      isNew(producer.send(numbered(3)), 0);
      isNew(producer.send(SequenceFixture.identified("x")), 1);
    }
  }

  @Test
  void aTopicThatNobodyNumbersMessagesOfHasNoFiles() {
    try (Producer producer = producer()) {
      producer.send(message("plain"));
      producer.sendAsync(message("plain")).join();
    }
    reopen();
    assertFalse(Files.exists(dir.resolve("dedup")));
  }

  @Test
  void aTopicRemembersSoManyProducersAndNoMore() {
    topic = // the table is at most a quarter of a quarter of the bytes
        engine.topic("few", TestStores.small().maxBytes(2 << 20).build());
    int most = (2 << 20) / 16 / 99;
    for (int i = 0; i < most; i++) {
      try (Producer producer = topic.producer(ProducerConfig.named("p" + i))) {
        producer.send(numbered(0));
      }
    }
    try (Producer producer = topic.producer(ProducerConfig.named("late"));
        Producer known = topic.producer(ProducerConfig.named("p0"))) {
      TooManyProducersException e =
          assertThrows(TooManyProducersException.class, () -> producer.send(numbered(0)));
      assertTrue(e.getMessage().contains("of " + most + " producers"), e.getMessage());
      assertFalse(producer.send(message("without")).isDuplicate());
      assertFalse(known.send(numbered(1)).isDuplicate());
      assertTrue(topic.forgetProducer("p1"));
      assertFalse(producer.send(numbered(0)).isDuplicate());
    }
  }

  @Test
  void duplicatesNeedNoRoom() {
    topic =
        engine.topic(
            "full",
            TestStores.small().maxMessages(3).onFull(OnFull.reject()).build());
    topic.group("g", GroupConfig.defaults());
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.sendAll(List.of(numbered(0), numbered(1), numbered(2)));
      isDuplicate(producer.send(numbered(1)), 1);
      assertEquals(3, producer.sendAll(List.of(numbered(0), numbered(1), numbered(2))).size());
      isDuplicate(producer.sendAsync(numbered(2)).join(), 2);
      assertThrows(
          io.holdfast.engine.error.TopicFullException.class, () -> producer.send(numbered(3)));
      try (Consumer consumer = engine.group("g").consumer("c")) {
        consumer.receive(3, Duration.ZERO).forEach(Delivery::ack);
      }
      List<Receipt> receipts =
          producer.sendAll(
              List.of(numbered(2), numbered(3), numbered(3), numbered(4), numbered(1)));
      isDuplicate(receipts.get(0), 2);
      isNew(receipts.get(1), 3);
      isDuplicate(receipts.get(2), 3);
      isNew(receipts.get(3), 4);
      isNew(producer.sendAsync(numbered(5)).join(), 5); // no permit was lost to a duplicate
      assertThrows(
          io.holdfast.engine.error.TopicFullException.class, () -> producer.send(numbered(6)));
    }
  }

  @Test
  void whatAReaderGetsHasSequenceAndId() {
    Message both = Message.builder(new byte[0]).sequence(4).dedupId("id-4").build();
    try (Producer producer = producer();
        Reader reader = topic.reader(StartAt.earliest())) {
      producer.send(both);
      List<Message> read = new ArrayList<>();
      reader.poll(view -> read.add(view.toMessage()), 1);
      assertEquals(OptionalLong.of(4), read.get(0).sequence());
      assertEquals("id-4", read.get(0).dedupId().orElseThrow());
      assertTrue(read.get(0).toString().contains("sequence=4, dedupId=id-4"));
    }
    assertThrows(
        IllegalArgumentException.class, () -> Message.builder(new byte[0]).sequence(-1));
  }
}
