package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.PendingFullException;
import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a send does when a topic has as many messages as it may have. */
class LimitsTest extends LimitsFixture {
  @Test
  void aFullTopicRejectsAtOnceAndSaysWhat() {
    Topic topic = topic(5, OnFull.reject());
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 5);
      String told = refused(producer).getMessage();
      assertTrue(told.contains("5 of its maxMessages, 5") && told.contains("(g)"), told);
      assertEquals(5, topic.endOffset());
      assertEquals(2, ack(group, 2));
      send(producer, 2);
      refused(producer);
      assertEquals(7, topic.endOffset());
    }
    engine.close(); // has told all
    assertTrue(events.contains(new EngineEvent.TopicFull("t", "maxMessages 5")));
  }

  @Test
  void whatIsUnfinishedCountsNotWhatWasHandedOut() {
    Topic topic = topic(5, OnFull.reject());
    Group group = topic.group("g", GroupConfig.builder().maxAttempts(1).build());
    try (Producer producer = producer(topic);
        Consumer consumer = group.consumer("c")) {
      send(producer, 5);
      List<Delivery> out = consumer.receive(5, AT_ONCE);
      refused(producer);
      out.get(0).release();
      refused(producer);
      out.get(1).nack(new Exception());
      send(producer, 1);
      out.get(2).ack();
      send(producer, 1);
      refused(producer);
      assertEquals(1, engine.topic("t.g.dlq").endOffset(), "dead letters have no limit");
    }
  }

  @Test
  void theGroupWithTheMostCounts() {
    Topic topic = topic(5, OnFull.reject());
    Group fast = topic.group("fast", DEFAULTS);
    Group slow = topic.group("slow", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 5);
      ack(fast, 5);
      refused(producer);
      ack(slow, 3);
      send(producer, 3);
      refused(producer);
    }
  }

  @Test
  void withoutAGroupAllThatIsKeptCountsAndANewGroupHasIt() {
    Topic topic = topic(5, OnFull.reject());
    try (Producer producer = producer(topic)) {
      send(producer, 5);
      refused(producer);
      Group first = topic.group("first", DEFAULTS);
      refused(producer);
      ack(first, 5);
      send(producer, 4);
      Group second = topic.group("second", DEFAULTS);
      refused(producer); // for the second one there are nine
      assertEquals(9, ack(second, 100));
      send(producer, 1);
      refused(producer);
    }
  }

  @Test
  void theCountGoesOnWhereTheGroupsAreAfterReopening() {
    Topic topic = topic(10, OnFull.reject());
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 10);
      ack(group, 4);
    }
    reopen();
    try (Producer producer = producer(engine.topic("t"))) {
      send(producer, 4);
      refused(producer);
    }
  }

  @Test
  void aBatchNeedsRoomForAllOfIt() {
    Topic topic = topic(10, OnFull.reject());
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      producer.sendAll(messages(8));
      assertThrows(TopicFullException.class, () -> producer.sendAll(messages(3)));
      assertEquals(8, topic.endOffset());
      assertEquals(2, producer.sendAll(messages(2)).size());
      ack(group, 100);
      String told =
          assertThrows(TopicFullException.class, () -> producer.sendAll(messages(11)))
              .getMessage();
      assertTrue(told.contains("in parts"), told);
      assertEquals(10, producer.sendAll(messages(10)).size());
    }
  }

  @Test
  void permitsOfAMessageThatIsRefusedAreGivenBack() {
    Topic topic = topic(2, OnFull.reject());
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      for (int i = 0; i < 5; i++) {
        assertThrows(
            io.holdfast.storage.error.MessageTooLargeException.class,
            () -> producer.send(Message.of(new byte[5_000])));
      }
      send(producer, 2);
      refused(producer);
    }
  }

  @Test
  void severalProducersNeverPassTheLimitTogether() throws InterruptedException {
    int limit = 100;
    Topic topic = topic(limit, OnFull.block(LONG));
    Group group = topic.group("g", DEFAULTS);
    Group slow = topic.group("slow", DEFAULTS);
    List<Thread> threads = new ArrayList<>();
    AtomicInteger most = new AtomicInteger();
    int each = 500;
    for (int i = 0; i < 4; i++) {
      Producer producer = topic.producer(ProducerConfig.named("p" + i));
      boolean batches = i % 2 == 0;
      threads.add(
          new Thread(
              () -> {
                try (producer) {
                  for (int sent = 0; sent < each; sent += batches ? 10 : 1) {
                    producer.sendAll(messages(batches ? 10 : 1));
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    int acked = 0;
    while (acked < 2 * 4 * each) {
      GroupStats stats = slow.lag().get(0); // of one moment; this thread alone acks
      most.accumulateAndGet((int) stats.unfinished(), Math::max);
      acked += ack(group, 37) + ack(slow, 11);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(4L * each, topic.endOffset());
    assertTrue(most.get() <= limit, () -> "the limit was passed: " + most);
    assertTrue(most.get() > limit / 2, () -> "the limit was not near: " + most);
  }

  @Test
  void aSendWaitsForRoomAndIsWokenByAnAck() throws InterruptedException {
    Topic topic = topic(3, OnFull.block(LONG));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 3);
      CompletableFuture<Receipt> sent = blocked(() -> producer.send(message("late")));
      assertEquals(3, topic.endOffset());
      ack(group, 1);
      assertEquals(3, sent.join().offset());
    }
  }

  @Test
  void aLargeBatchIsNotOvertaken() throws InterruptedException {
    Topic topic = topic(3, OnFull.block(LONG));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 3);
      CompletableFuture<List<Receipt>> batch = new CompletableFuture<>();
      Thread thread = new Thread(() -> batch.complete(producer.sendAll(messages(3))));
      thread.start();
      awaitInLine(thread);
      CompletableFuture<Receipt> single = blocked(() -> producer.send(message("late")));
      ack(group, 2);
      assertEquals(3, topic.endOffset());
      ack(group, 1);
      assertEquals(3, batch.join().get(0).offset());
      ack(group, 1);
      assertEquals(6, single.join().offset());
    }
  }

  @Test
  void aSendThatWaitedInVainFailsAndNothingIsWritten() {
    Topic topic = topic(3, OnFull.block(SHORT));
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 3);
      String told = refused(producer).getMessage();
      assertTrue(told.contains("within PT0.05S"), told);
      assertEquals(3, topic.endOffset());
    }
  }

  @Test
  void anInterruptEndsTheWaitAndNothingIsWritten() throws InterruptedException {
    Topic topic = topic(1, OnFull.block(LONG));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 1);
      AtomicReference<Thread> thread = new AtomicReference<>();
      CompletableFuture<Receipt> sent = blocked(() -> producer.send(message("late")), thread);
      thread.get().interrupt();
      Throwable e = assertThrows(CompletionException.class, sent::join).getCause();
      assertInstanceOf(HoldfastInterruptedException.class, e);
      assertEquals(1, topic.endOffset());
      ack(group, 1);
      Thread.currentThread().interrupt();
      assertEquals(1, producer.send(message("room")).offset());
      assertTrue(Thread.interrupted(), "the flag stays where nothing waited");
    }
  }

  @Test
  void aCloseEndsTheWait() throws InterruptedException {
    Topic topic = topic(1, OnFull.block(LONG));
    topic.group("g", DEFAULTS);
    Producer producer = producer(topic);
    send(producer, 1);
    CompletableFuture<Receipt> sent = blocked(() -> producer.send(message("late")));
    producer.close();
    Throwable e = assertThrows(CompletionException.class, sent::join).getCause();
    assertInstanceOf(AlreadyClosedException.class, e);
    Producer other = topic.producer(ProducerConfig.named("q"));
    CompletableFuture<Receipt> pending = other.sendAsync(message("x"));
    other.close();
    assertInstanceOf(
        AlreadyClosedException.class,
        assertThrows(CompletionException.class, pending::join).getCause());
    assertEquals(1, topic.endOffset());
  }

  @Test
  void asynchronousSendsWaitInTheirQueueAndGoOnOneByOne() {
    Topic topic = topic(10, OnFull.block(LONG));
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      List<CompletableFuture<Receipt>> sent =
          IntStream.range(0, 100).mapToObj(i -> producer.sendAsync(message("m" + i))).toList();
      int acked = 0;
      while (acked < 100) {
        assertTrue(topic.endOffset() - acked <= 10);
        acked += ack(group, 7);
      }
      for (int i = 0; i < 100; i++) {
        assertEquals(i, sent.get(i).join().offset());
      }
    }
  }

  @Test
  void anAsynchronousSendIsRefusedAlone() {
    Topic topic = topic(10, OnFull.reject());
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      List<CompletableFuture<Receipt>> sent =
          IntStream.range(0, 15).mapToObj(i -> producer.sendAsync(message("m" + i))).toList();
      long refused =
          sent.stream().filter(one -> one.handle((r, e) -> e != null).join()).count();
      assertEquals(5, refused);
      assertEquals(10, topic.endOffset());
    }
  }

  @Test
  void aHandlerNeverWaitsAndHasAReserve() throws InterruptedException {
    Topic in = engine.topic("in", small().build());
    Topic topic = topic(40, OnFull.block(LONG));
    topic.group("g", DEFAULTS);
    CountDownLatch told = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Producer producer = producer(topic);
        Producer start = in.producer(ProducerConfig.named("p"))) {
      send(producer, 40);
      Group group = in.group("h", DEFAULTS);
      group.subscribe(
          delivery -> {
            try {
              send(producer, 3);
            } catch (TopicFullException e) {
              failure.compareAndSet(null, e);
            }
            told.countDown();
          },
          SubscribeConfig.concurrency(1));
      start.send(message("go"));
      told.await();
      assertEquals(42, topic.endOffset(), "5 % over the limit");
      assertTrue(failure.get().getMessage().contains("handler"), failure.get()::getMessage);
    }
  }

  @Test
  void aCallbackNeverWaitsEither() {
    Topic topic = topic(20, OnFull.block(LONG));
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 19);
      CompletableFuture<Throwable> told = new CompletableFuture<>();
      producer.sendAsync(
          message("x"),
          (receipt, error) -> {
            try {
              send(producer, 5);
              told.complete(null);
            } catch (RuntimeException e) {
              told.complete(e);
            }
          });
      assertInstanceOf(TopicFullException.class, told.join());
      assertEquals(21, topic.endOffset());
    }
  }

  @Test
  void aHandlerThatSendsAsynchronouslyDoesNotWaitForRoomInItsProducer()
      throws InterruptedException {
    Topic in = engine.topic("in", small().build());
    Topic topic = topic(1, OnFull.block(LONG));
    topic.group("g", DEFAULTS);
    CountDownLatch told = new CountDownLatch(1);
    ProducerConfig few = ProducerConfig.builder("p").maxPendingMessages(2).build();
    try (Producer producer = topic.producer(few);
        Producer start = in.producer(ProducerConfig.named("p"))) {
      in.group("h", DEFAULTS)
          .subscribe(
              delivery -> {
                try {
                  for (int i = 0; i < 10; i++) {
                    producer.sendAsync(message("m"));
                  }
                } catch (PendingFullException e) {
                  told.countDown();
                }
              },
              SubscribeConfig.concurrency(1));
      start.send(message("go"));
      told.await();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void whereNothingIsKeptForNobodyNobodyHoldsUpASend(String durability) {
    Topic topic =
        topic(
            small()
                .durability(Durability.parse(durability))
                .whenNoGroup(WhenNoGroup.DROP)
                .maxMessages(5)
                .onFull(OnFull.reject()));
    try (Producer producer = producer(topic)) {
      send(producer, 12);
      producer.sendAsync(message("m")).join();
      assertEquals(7, producer.sendAll(messages(7)).size());
      Group group = topic.group("g", DEFAULTS);
      assertEquals(0, ack(group, 100));
      send(producer, 5);
      refused(producer);
      engine.deleteGroup("g");
      send(producer, 12);
      Group other = topic.group("h", DEFAULTS);
      send(producer, 5);
      refused(producer);
      assertEquals(5, ack(other, 100));
    }
  }

  @Test
  void whenTheLastGroupIsDeletedAllThatIsKeptCountsAndTheErrorSaysSo() {
    Topic topic = topic(5, OnFull.reject());
    Group group = topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 5);
      ack(group, 5);
      send(producer, 1);
      engine.deleteGroup("g");
      String told = refused(producer).getMessage();
      assertTrue(told.contains("uses 6 of its maxMessages, 5, 1 more was asked for"), told);
      assertTrue(told.contains("No group is there"), told);
    }
  }
}
