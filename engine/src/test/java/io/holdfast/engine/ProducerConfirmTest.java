package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.Eventually;
import io.holdfast.storage.crash.Call;
import io.holdfast.storage.crash.CrashFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** When a send is confirmed: by which durability, how late, and at what rate. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class ProducerConfirmTest {
  private final CrashFileSystem disk = CrashFileSystem.create();
  private final TestClock clock = new TestClock();
  private final CountDownLatch atDevice = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicInteger forces = new AtomicInteger();
  private Engine engine;

  @BeforeEach
  void open() {
    engine = open(disk);
  }

  @AfterEach
  void close() {
    answer.countDown();
    engine.close();
  }

  private Engine open(CrashFileSystem of) {
    return Engine.open(of.getPath("/data/store"), EngineConfig.defaults().withClock(clock));
  }

  private Topic topic(Durability durability) {
    return engine.topic("t", TestStores.small().durability(durability).build());
  }

  private static List<String> content(Engine of) {
    List<String> texts = new ArrayList<>();
    try (Reader reader = of.topic("t").reader(StartAt.earliest())) {
      int handled = 1;
      while (handled > 0) {
        handled =
            reader.poll(
                view -> texts.add(new String(view.toMessage().payload(), StandardCharsets.UTF_8)),
                99);
      }
    }
    return texts;
  }

  /** What is there after a power cut at this moment that keeps nothing which was not forced. */
  private List<String> afterPowerCut() {
    CrashFileSystem left = disk.point().cut(new Random(1), 4096, 0);
    try (Engine next = open(left)) {
      return content(next);
    }
  }

  /** The device does not answer the producer's thread until it is told to. */
  private void hold() {
    disk.watch(
        call -> {
          if (call.kind() == Call.Kind.FORCE && isProducer(Thread.currentThread())) {
            forces.incrementAndGet();
            atDevice.countDown();
            try {
              answer.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        });
  }

  private static boolean isProducer(Thread thread) {
    return thread.getName().equals("holdfast-producer-p");
  }

  private void countForces() {
    Thread test = Thread.currentThread();
    disk.watch(
        call -> {
          Thread thread = Thread.currentThread();
          boolean counts = thread == test || isProducer(thread);
          forces.addAndGet(call.kind() == Call.Kind.FORCE && counts ? 1 : 0);
        });
  }

  @Test
  void aSendMayAskForMoreThanTheTopicPromises() throws Exception {
    Topic topic = topic(Durability.processCrash());
    Producer producer = topic.producer(ProducerConfig.named("p"));
    producer.send(message("a"), Durability.powerLoss());
    assertEquals(List.of("a"), afterPowerCut());
    producer.sendAsync(message("b"), Durability.powerLoss()).get(30, TimeUnit.SECONDS);
    assertEquals(List.of("a", "b"), afterPowerCut());
    producer.sendAll(List.of(message("c"), message("d")), Durability.interval(Duration.ofHours(1)));
    assertEquals(List.of("a", "b", "c", "d"), afterPowerCut());
    countForces();
    producer.send(message("e"));
    producer.sendAsync(message("f")).get(30, TimeUnit.SECONDS);
    assertEquals(0, forces.get(), "who asks for nothing waits for nothing");
  }

  @Test
  void aSendMayAskForMoreThanTheTopicPromisesWhereTheTopicHasLimits() throws Exception {
    TopicConfig.Builder bounded = TestStores.small().maxMessages(10).onFull(OnFull.reject());
    Topic topic = engine.topic("t", bounded.durability(Durability.processCrash()).build());
    Producer producer = topic.producer(ProducerConfig.named("p"));
    producer.send(message("a"), Durability.powerLoss());
    producer.sendAll(List.of(message("b"), message("c")), Durability.powerLoss());
    producer.sendAsync(message("d"), Durability.powerLoss()).get(30, TimeUnit.SECONDS);
    assertEquals(List.of("a", "b", "c", "d"), afterPowerCut());
  }

  @Test
  void askingForLessChangesNothing() {
    Topic topic = topic(Durability.powerLoss());
    topic.producer(ProducerConfig.named("p")).send(message("a"), Durability.processCrash());
    assertEquals(List.of("a"), afterPowerCut());
  }

  @Test
  void aConfirmationThatDoesNotComeInTimeIsAnsweredOnceAndTheNextSendsGoOn() throws Exception {
    ProducerConfig config =
        ProducerConfig.builder("p").confirmTimeout(Duration.ofSeconds(3)).build();
    Producer producer = topic(Durability.powerLoss()).producer(config);
    hold();
    AtomicInteger answers = new AtomicInteger();
    CompletableFuture<Throwable> late = new CompletableFuture<>();
    AtomicReference<String> thread = new AtomicReference<>();
    producer.sendAsync(
        message("a"),
        (receipt, error) -> {
          answers.incrementAndGet();
          thread.set(Thread.currentThread().getName());
          late.complete(error);
        });
    assertTrue(atDevice.await(30, TimeUnit.SECONDS));
    clock.advance(Duration.ofMillis(2_999));
    engine.tick();
    assertFalse(late.isDone());
    clock.advance(Duration.ofMillis(1));
    engine.tick();
    assertInstanceOf(SendOutcomeUnknownException.class, late.get(30, TimeUnit.SECONDS));
    assertEquals("holdfast-producer-p-late", thread.get());
    CompletableFuture<Receipt> next = producer.sendAsync(message("b"));
    answer.countDown();
    assertEquals(1, next.get(30, TimeUnit.SECONDS).offset());
    producer.close();
    assertEquals(1, answers.get());
    assertEquals(List.of("a", "b"), content(engine), "it was appended after all");
  }

  @Test
  void aTimeoutOfTheDeviceCountsFromTheAppendOn() throws Exception {
    ProducerConfig config =
        ProducerConfig.builder("p").confirmTimeout(Duration.ofSeconds(3)).build();
    Producer producer = topic(Durability.powerLoss()).producer(config);
    hold();
    CompletableFuture<Receipt> first = producer.sendAsync(message("a"));
    assertTrue(atDevice.await(30, TimeUnit.SECONDS));
    CompletableFuture<Receipt> waits = producer.sendAsync(message("b"));
    clock.advance(Duration.ofSeconds(10));
    engine.tick();
    CompletionException e = assertThrows(CompletionException.class, first::join);
    assertInstanceOf(SendOutcomeUnknownException.class, e.getCause());
    assertFalse(waits.isDone(), "it was not appended, and will be");
    answer.countDown();
    assertEquals(1, waits.get(30, TimeUnit.SECONDS).offset());
  }

  @Test
  void aTrySaysNoWhereASendWouldWait() throws Exception {
    ProducerConfig config = ProducerConfig.builder("p").maxPendingMessages(2).build();
    Producer producer = topic(Durability.powerLoss()).producer(config);
    hold();
    Optional<CompletableFuture<Receipt>> first = producer.trySend(message("a"));
    assertTrue(producer.trySend(message("b")).isPresent());
    assertEquals(Optional.empty(), producer.trySend(message("c")));
    answer.countDown();
    assertEquals(0, first.orElseThrow().get(30, TimeUnit.SECONDS).offset());
    Eventually.holds(() -> producer.trySend(message("d")).isPresent(), () -> "there is room");
    producer.close();
    assertThrows(AlreadyClosedException.class, () -> producer.trySend(message("e")));
    assertEquals(List.of("a", "b", "d"), content(engine));
  }

  @Test
  void aRateHasSendersWaitAndACloseSendsWhatIsPendingAtOnce() throws Exception {
    ProducerConfig config = ProducerConfig.builder("p").rateLimitBps(8_000).build();
    Producer producer = topic(Durability.processCrash()).producer(config);
    Message large = Message.of(new byte[4_000]); // four seconds
    producer.send(large);
    CompletableFuture<Receipt> pending = producer.sendAsync(large);
    CompletableFuture<Throwable> waiting = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () -> {
              try {
                producer.send(large);
                waiting.complete(null);
              } catch (RuntimeException e) {
                waiting.complete(e);
              }
            });
    sender.start();
    Eventually.holds(
        () -> sender.getState() == Thread.State.TIMED_WAITING, () -> "waits: " + sender.getState());
    assertFalse(pending.isDone());
    assertEquals(1, engine.topic("t").endOffset());
    producer.close();
    assertInstanceOf(AlreadyClosedException.class, waiting.get(30, TimeUnit.SECONDS));
    assertEquals(1, pending.get(30, TimeUnit.SECONDS).offset());
    assertEquals(2, engine.topic("t").endOffset());
  }

  @Test
  void whoWaitsForTheRateCanBeInterruptedAndNothingIsWritten() {
    ProducerConfig config = ProducerConfig.builder("p").rateLimitBps(8_000).build();
    Producer producer = topic(Durability.processCrash()).producer(config);
    Message large = Message.of(new byte[4_000]);
    producer.send(large);
    Thread.currentThread().interrupt();
    assertThrows(HoldfastInterruptedException.class, () -> producer.send(large));
    assertTrue(Thread.interrupted());
    assertEquals(1, engine.topic("t").endOffset());
    clock.advance(Duration.ofSeconds(8));
    assertEquals(1, producer.send(large).offset());
  }

  @Test
  void wholeBatchesThatWaitGoToTheDeviceTogether() throws Exception {
    ProducerConfig config = ProducerConfig.builder("p").maxBatchSize(10).build();
    Producer producer = topic(Durability.powerLoss()).producer(config);
    hold();
    producer.sendAsync(message("first"));
    assertTrue(atDevice.await(30, TimeUnit.SECONDS));
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      futures.add(producer.sendAsync(message("m" + i)));
    }
    assertEquals(1, forces.get());
    answer.countDown();
    for (int i = 0; i < 40; i++) {
      assertEquals(i + 1, futures.get(i).get(30, TimeUnit.SECONDS).offset());
    }
    assertEquals(2, forces.get());
  }
}
