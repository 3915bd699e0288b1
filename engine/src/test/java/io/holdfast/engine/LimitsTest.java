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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a send does when a topic has as much as it may have. */
@Timeout(120)
class LimitsTest {
  private static final GroupConfig DEFAULTS = GroupConfig.defaults();
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir Path store;

  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();
  private final EngineConfig config = EngineConfig.defaults().withListener(events::add);

  private static TopicConfig.Builder small() {
    return TopicConfig.builder()
        .durability(Durability.processCrash())
        .segmentSize(1 << 20)
        .maxMessageSize(4_096);
  }

  private static Topic topic(Engine engine, long maxMessages, OnFull onFull) {
    return engine.topic("t", small().maxMessages(maxMessages).onFull(onFull).build());
  }

  private static void send(Producer producer, int count) {
    for (int i = 0; i < count; i++) {
      producer.send(message("m" + i));
    }
  }

  private static List<Message> messages(int count) {
    return Collections.nCopies(count, message("m"));
  }

  private static int ack(Group group, int most) {
    try (Consumer consumer = group.consumer("c")) {
      List<Delivery> got = consumer.receive(most, AT_ONCE);
      got.forEach(Delivery::ack);
      return got.size();
    }
  }

  private static TopicFullException refused(Producer producer) {
    long before = System.nanoTime();
    TopicFullException e =
        assertThrows(TopicFullException.class, () -> producer.send(message("x")));
    assertTrue(System.nanoTime() - before < 15_000_000_000L, "not after the usual wait");
    return e;
  }

  /** Runs a send on a thread of its own and waits until it waits. */
  private static CompletableFuture<Receipt> blocked(Producer producer, AtomicReference<Thread> on)
      throws InterruptedException {
    CompletableFuture<Receipt> sent = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                sent.complete(producer.send(message("late")));
              } catch (RuntimeException e) {
                sent.completeExceptionally(e);
              }
            });
    on.set(thread);
    thread.start();
    awaitInLine(thread);
    return sent;
  }

  /** Returns once a thread waits for room, and for nothing else. */
  private static void awaitInLine(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING
        || Stream.of(thread.getStackTrace())
            .noneMatch(frame -> frame.getClassName().equals(SendLine.class.getName()))) {
      LockSupport.parkNanos(100_000);
    }
  }

  @Test
  void aFullTopicRejectsAtOnceAndSaysWhat() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.reject());
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 5);
        String told = refused(producer).getMessage();
        assertTrue(told.contains("5 of its maxMessages, 5") && told.contains("(g)"), told);
        assertEquals(5, topic.endOffset());
        assertEquals(2, ack(group, 2));
        send(producer, 2);
        refused(producer);
        assertEquals(7, topic.endOffset());
      }
    }
    assertTrue(events.contains(new EngineEvent.TopicFull("t", "maxMessages 5")));
  }

  @Test
  void whatIsUnfinishedCountsNotWhatWasHandedOut() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.reject());
      Group group = topic.group("g", GroupConfig.builder().maxAttempts(1).build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
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
  }

  @Test
  void theGroupWithTheMostCounts() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.reject());
      Group fast = topic.group("fast", DEFAULTS);
      Group slow = topic.group("slow", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 5);
        ack(fast, 5);
        refused(producer);
        ack(slow, 3);
        send(producer, 3);
        refused(producer);
      }
    }
  }

  @Test
  void withoutAGroupAllThatIsKeptCountsAndANewGroupHasIt() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.reject());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
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
  }

  @Test
  void theCountGoesOnWhereTheGroupsAreAfterReopening() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 10, OnFull.reject());
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 10);
        ack(group, 4);
      }
    }
    try (Engine engine = Engine.open(store, config);
        Producer producer = engine.topic("t").producer(ProducerConfig.named("p"))) {
      send(producer, 4);
      refused(producer);
    }
  }

  @Test
  void aBatchNeedsRoomForAllOfIt() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 10, OnFull.reject());
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
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
  }

  @Test
  void permitsOfAMessageThatIsRefusedAreGivenBack() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 2, OnFull.reject());
      topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 5; i++) {
          assertThrows(
              io.holdfast.storage.error.MessageTooLargeException.class,
              () -> producer.send(Message.of(new byte[5_000])));
        }
        send(producer, 2);
        refused(producer);
      }
    }
  }

  @Test
  void severalProducersNeverPassTheLimitTogether() throws InterruptedException {
    int limit = 100;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, limit, OnFull.block(LONG));
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
  }

  @Test
  void aSendWaitsForRoomAndIsWokenByAnAck() throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 3, OnFull.block(LONG));
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 3);
        CompletableFuture<Receipt> sent = blocked(producer, new AtomicReference<>());
        assertEquals(3, topic.endOffset());
        ack(group, 1);
        assertEquals(3, sent.join().offset());
      }
    }
  }

  @Test
  void aLargeBatchIsNotOvertaken() throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 3, OnFull.block(LONG));
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 3);
        CompletableFuture<List<Receipt>> batch = new CompletableFuture<>();
        Thread thread = new Thread(() -> batch.complete(producer.sendAll(messages(3))));
        thread.start();
        awaitInLine(thread);
        CompletableFuture<Receipt> single = blocked(producer, new AtomicReference<>());
        ack(group, 2);
        assertEquals(3, topic.endOffset());
        ack(group, 1);
        assertEquals(3, batch.join().get(0).offset());
        ack(group, 1);
        assertEquals(6, single.join().offset());
      }
    }
  }

  @Test
  void aSendThatWaitedInVainFailsAndNothingIsWritten() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 3, OnFull.block(SHORT));
      topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 3);
        String told = refused(producer).getMessage();
        assertTrue(told.contains("within PT0.05S"), told);
        assertEquals(3, topic.endOffset());
      }
    }
  }

  @Test
  void anInterruptEndsTheWaitAndNothingIsWritten() throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 1, OnFull.block(LONG));
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 1);
        AtomicReference<Thread> thread = new AtomicReference<>();
        CompletableFuture<Receipt> sent = blocked(producer, thread);
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
  }

  @Test
  void aCloseEndsTheWait() throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 1, OnFull.block(LONG));
      topic.group("g", DEFAULTS);
      Producer producer = topic.producer(ProducerConfig.named("p"));
      send(producer, 1);
      CompletableFuture<Receipt> sent = blocked(producer, new AtomicReference<>());
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
  }

  @Test
  void asynchronousSendsWaitInTheirQueueAndGoOnOneByOne() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 10, OnFull.block(LONG));
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
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
  }

  @Test
  void anAsynchronousSendIsRefusedAlone() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 10, OnFull.reject());
      topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        List<CompletableFuture<Receipt>> sent =
            IntStream.range(0, 15).mapToObj(i -> producer.sendAsync(message("m" + i))).toList();
        long refused =
            sent.stream().filter(one -> one.handle((r, e) -> e != null).join()).count();
        assertEquals(5, refused);
        assertEquals(10, topic.endOffset());
      }
    }
  }

  @Test
  void theOldestThatIsNotOutGivesWayInTheGroupsThatAreFull() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.dropOldest());
      Group full = topic.group("full", DEFAULTS);
      Group empty = topic.group("empty", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
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
    }
    long lost =
        events.stream()
            .filter(EngineEvent.MessagesLost.class::isInstance)
            .map(EngineEvent.MessagesLost.class::cast)
            .filter(event -> event.cause() == EngineEvent.Cause.LIMIT)
            .mapToLong(EngineEvent.MessagesLost::count)
            .sum();
    assertEquals(3, lost, "no group loses anything for a send that another one refuses");
  }

  @Test
  void whatGaveWayIsCountedAfterReopening() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.dropOldest());
      topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 12);
      }
    }
    try (Engine engine = Engine.open(store, config)) {
      Group group = engine.group("g");
      assertEquals(7, group.lag().get(0).dropped());
      assertEquals(5, ack(group, 100));
    }
  }

  @Test
  void keysGoOnBehindMessagesThatGaveWay() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 5, OnFull.dropOldest());
      GroupConfig ordered = GroupConfig.builder().ordering(Ordering.byKey()).build();
      Group group = topic.group("g", ordered);
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
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
  }

  @Test
  void withNobodyToLoseThemTheNewestStay() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 100, OnFull.dropOldest());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 1_000; i++) {
          producer.send(Message.of(new byte[4_000]));
        }
      }
      assertTrue(topic.firstOffset() > 0 && topic.firstOffset() <= 900);
      Group group = topic.group("g", DEFAULTS);
      assertEquals(1_000 - topic.firstOffset(), group.lag().get(0).unfinished());
    }
  }

  @Test
  void aHandlerNeverWaitsAndHasAReserve() throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic in = engine.topic("in", small().build());
      Topic topic = topic(engine, 40, OnFull.block(LONG));
      topic.group("g", DEFAULTS);
      CountDownLatch told = new CountDownLatch(1);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
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
  }

  @Test
  void aCallbackNeverWaitsEither() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, 20, OnFull.block(LONG));
      topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
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
  }

  @Test
  void aHandlerThatSendsAsynchronouslyDoesNotWaitForRoomInItsProducer()
      throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic in = engine.topic("in", small().build());
      Topic topic = topic(engine, 1, OnFull.block(LONG));
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
  }
}
