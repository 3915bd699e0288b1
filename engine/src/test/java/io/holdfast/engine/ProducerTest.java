package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.PendingFullException;
import io.holdfast.engine.error.ProducerNameInUseException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.MessageTooLargeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every send gets exactly one answer, and what is confirmed stands in the topic in order. */
class ProducerTest {
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

  private List<String> content() {
    List<String> texts = new ArrayList<>();
    try (Reader reader = topic.reader(StartAt.earliest())) {
      while (reader.poll(
              view -> texts.add(new String(view.toMessage().payload(), StandardCharsets.UTF_8)), 99)
          > 0) {
        // to the end
      }
    }
    return texts;
  }

  @Test
  void messagesOfOneSendAllFollowEachOther() {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      assertEquals(List.of(), producer.sendAll(List.of()));
      producer.send(message("first"));
      List<Message> many = new ArrayList<>();
      List<String> expected = new ArrayList<>(List.of("first"));
      for (int i = 0; i < 10_000; i++) {
        many.add(message("m" + i));
        expected.add("m" + i);
      }
      List<Receipt> receipts = producer.sendAll(many);
      for (int i = 0; i < many.size(); i++) {
        assertEquals(i + 1, receipts.get(i).offset());
      }
      assertEquals(expected, content());
    }
  }

  @Test
  void oneMessageOverTheLimitRefusesAllOfThem() {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      Message large = Message.of(new byte[4097]);
      assertThrows(MessageTooLargeException.class, () -> producer.send(large));
      assertThrows(MessageTooLargeException.class, () -> producer.sendAsync(large));
      assertThrows(
          MessageTooLargeException.class,
          () -> producer.sendAll(List.of(message("a"), message("b"), large)));
      Message headers = Message.builder(new byte[0]).header("h", "x".repeat(50_000)).build();
      assertThrows(MessageTooLargeException.class, () -> producer.send(headers));
      assertEquals(0, topic.endOffset());
      producer.send(Message.of(new byte[4096]));
      assertEquals(1, topic.endOffset());
    }
  }

  @Test
  void theCallerMayChangeItsArrayOnceTheCallHasReturned() throws Exception {
    ProducerConfig slow = ProducerConfig.builder("p").linger(Duration.ofMillis(50)).build();
    try (Producer producer = topic.producer(slow)) {
      byte[] payload = "before".getBytes(StandardCharsets.UTF_8);
      CompletableFuture<Receipt> future = producer.sendAsync(Message.of(payload));
      payload[0] = 'X';
      future.get(30, TimeUnit.SECONDS);
      assertEquals(List.of("before"), content());
    }
  }

  @Test
  void asynchronousSendsAreAnsweredInOrder() throws Exception {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      int count = 20_000;
      List<Long> offsets = new ArrayList<>();
      CountDownLatch answered = new CountDownLatch(count);
      for (int i = 0; i < count; i++) {
        producer.sendAsync(
            message("m" + i),
            (receipt, error) -> {
              assertNull(error);
              offsets.add(receipt.offset());
              answered.countDown();
            });
      }
      assertTrue(answered.await(30, TimeUnit.SECONDS));
      for (int i = 0; i < count; i++) {
        assertEquals(i, offsets.get(i));
      }
    }
  }

  @Test
  void closeAnswersEverySend() {
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    ProducerConfig slow = ProducerConfig.builder("p").linger(Duration.ofSeconds(1)).build();
    Producer producer = topic.producer(slow);
    for (int i = 0; i < 100; i++) {
      futures.add(producer.sendAsync(message("m" + i)));
    }
    engine.close();
    for (int i = 0; i < 100; i++) {
      assertTrue(futures.get(i).isDone());
      assertEquals(i, futures.get(i).join().offset());
    }
    assertThrows(AlreadyClosedException.class, () -> producer.sendAsync(message("late")));
  }

  @Test
  void nothingLingersWhileASendWaitsForRoom() {
    ProducerConfig slow =
        ProducerConfig.builder("p").maxPendingMessages(4).linger(Duration.ofSeconds(1)).build();
    long start = System.nanoTime();
    try (Producer producer = topic.producer(slow)) {
      for (int i = 0; i < 100; i++) {
        producer.sendAsync(message("m" + i));
      }
    }
    assertEquals(100, topic.endOffset());
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    assertTrue(seconds < 20, "expected no linger of a second each, found " + seconds + " s");
  }

  @Test
  void anExceptionOfACallbackHarmsNobody() throws Exception {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < 10; i++) {
        producer.sendAsync(
            message("m"),
            (receipt, error) -> {
              throw new IllegalStateException("thrown by the test");
            });
      }
      assertEquals(10, producer.sendAsync(message("after")).get(30, TimeUnit.SECONDS).offset());
    }
  }

  @Test
  void aFullProducerMakesSendersWaitAndAnInterruptEndsTheWait() throws Exception {
    ProducerConfig narrow = ProducerConfig.builder("p").maxPendingMessages(1).build();
    CountDownLatch inCallback = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<Throwable> refused = new AtomicReference<>();
    try (Producer producer = topic.producer(narrow)) {
      producer.sendAsync(
          message("first"),
          (receipt, error) -> {
            producer.sendAsync(message("fills"), (r, e) -> {});
            try {
              producer.sendAsync(message("too much"), (r, e) -> {});
            } catch (PendingFullException e) {
              refused.set(e);
            }
            inCallback.countDown();
            awaitQuietly(goOn);
          });
      assertTrue(inCallback.await(30, TimeUnit.SECONDS));
      assertInstanceOf(PendingFullException.class, refused.get());
      AtomicReference<Throwable> interrupted = new AtomicReference<>();
      AtomicBoolean flag = new AtomicBoolean();
      Thread sender =
          new Thread(
              () -> {
                try {
                  producer.sendAsync(message("waits"));
                } catch (HoldfastInterruptedException e) {
                  interrupted.set(e);
                  flag.set(Thread.currentThread().isInterrupted());
                }
              });
      sender.start();
      sender.interrupt();
      sender.join();
      assertInstanceOf(HoldfastInterruptedException.class, interrupted.get());
      assertTrue(flag.get(), "the flag is gone");
      goOn.countDown();
      producer.sendAsync(message("last")).get(30, TimeUnit.SECONDS);
    }
    assertEquals(List.of("first", "fills", "last"), content());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSenderThatWaitsIsToldOfTheClose() throws Exception {
    ProducerConfig narrow = ProducerConfig.builder("p").maxPendingMessages(1).build();
    Producer producer = topic.producer(narrow);
    CountDownLatch inCallback = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    producer.sendAsync(
        message("first"),
        (receipt, error) -> {
          producer.sendAsync(message("fills"), (r, e) -> {});
          inCallback.countDown();
          awaitQuietly(goOn);
        });
    assertTrue(inCallback.await(30, TimeUnit.SECONDS));
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () -> {
              try {
                producer.sendAsync(message("waits"));
                outcome.complete(null);
              } catch (AlreadyClosedException e) {
                outcome.complete(e);
              }
            });
    sender.start();
    Thread closer = new Thread(producer::close);
    closer.start();
    assertInstanceOf(AlreadyClosedException.class, outcome.get(30, TimeUnit.SECONDS));
    goOn.countDown();
    closer.join();
    assertEquals(List.of("first", "fills"), content());
  }

  @Test
  void closingFromACallbackDoesNotWaitForItself() throws Exception {
    Producer producer = topic.producer(ProducerConfig.named("p"));
    CountDownLatch closed = new CountDownLatch(1);
    AtomicInteger answers = new AtomicInteger();
    for (int i = 0; i < 5; i++) {
      producer.sendAsync(
          message("m" + i),
          (receipt, error) -> {
            engine.close();
            if (answers.incrementAndGet() == 5) {
              closed.countDown();
            }
          });
    }
    assertTrue(closed.await(30, TimeUnit.SECONDS));
    engine.close();
    assertThrows(AlreadyClosedException.class, () -> engine.topic("t"));
  }

  @Test
  void aSecondCloseLeavesTheNextProducerOfTheNameAlone() {
    Producer first = topic.producer(ProducerConfig.named("again"));
    first.close();
    try (Producer second = topic.producer(ProducerConfig.named("again"))) {
      first.close();
      assertThrows(
          ProducerNameInUseException.class,
          () -> topic.producer(ProducerConfig.named("again")),
          second::toString);
    }
  }

  @Test
  void messagesAreConfirmedByForceOnPowerLossTopics() throws Exception {
    Topic durable = engine.topic("durable", TestStores.small().build());
    try (Producer producer = durable.producer(ProducerConfig.named("p"))) {
      assertEquals(0, producer.send(message("a")).offset());
      assertEquals(2, producer.sendAll(List.of(message("b"), message("c"))).get(1).offset());
      assertEquals(3, producer.sendAsync(message("d")).get(30, TimeUnit.SECONDS).offset());
      Consumer consumer = durable.group("g", GroupConfig.defaults()).consumer("c");
      assertEquals(4, consumer.receive(10, Duration.ZERO).size());
    }
  }

  @Test
  void sendingThroughOneProducerFromManyThreadsLosesNothing() throws Exception {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int number = t;
        threads.add(
            new Thread(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    producer.send(message(number + "-" + i));
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      List<String> content = content();
      assertEquals(2_000, content.size());
      for (int t = 0; t < 4; t++) {
        String prefix = t + "-";
        List<String> own = content.stream().filter(text -> text.startsWith(prefix)).toList();
        assertEquals(500, own.size());
        assertEquals(prefix + 499, own.get(499));
      }
    }
  }
}
