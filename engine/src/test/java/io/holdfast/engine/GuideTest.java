package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.ConfigurationMismatchException;
import io.holdfast.engine.error.SendOutcomeUnknownException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.DiskFullException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md, to the letter. */
class GuideTest {
  @TempDir Path directory;
  private Engine engine;
  private Topic orders;
  private Producer producer;
  private final Message message = Message.of("2 apples".getBytes(UTF_8));
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() {
    engine = Engine.open(directory);
    orders = engine.topic("orders", TopicConfig.defaults());
    producer = orders.producer(ProducerConfig.named("shop-1"));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void handle(Message received) {
    handled.add(new String(received.payload(), UTF_8));
  }

  @Test
  void open(@TempDir Path directory) {
    // region open
    try (Engine engine = Engine.open(directory)) {
      Topic orders = engine.topic("orders", TopicConfig.defaults());
      Topic clicks =
          engine.topic(
              "clicks",
              TopicConfig.builder()
                  .durability(Durability.processCrash())
                  .maxMessageSize(64 * 1024)
                  .build());
    }
    // endregion
    assertThrows(
        ConfigurationMismatchException.class,
        () -> engine.topic("orders", TopicConfig.builder().maxMessageSize(1).build()));
  }

  @Test
  void message() {
    // region message
    Message message =
        Message.builder("2 apples".getBytes(UTF_8))
            .key("customer-42")
            .subject("orders.created")
            .header("type", "created")
            .build();
    // endregion
    assertEquals("customer-42", message.key().orElseThrow());
  }

  @Test
  void send() {
    // region send
    Receipt receipt = producer.send(message);
    long offset = receipt.offset();
    // endregion
    assertEquals(0, offset);
    List<Message> messages = List.of(message, message);
    // region send-all
    List<Receipt> receipts = producer.sendAll(messages);
    // endregion
    assertEquals(2, receipts.get(1).offset());
  }

  @Test
  void sendAsync() throws Exception {
    // region send-async
    CompletableFuture<Receipt> future = producer.sendAsync(message);

    producer.sendAsync(
        message,
        (receipt, error) -> {
          if (error != null) {
            System.err.println("not confirmed: " + error.getMessage());
          }
        });
    // endregion
    assertEquals(0, future.get(30, TimeUnit.SECONDS).offset());
  }

  @Test
  void sendOtherwise() {
    // region send-otherwise
    producer.send(message, Durability.powerLoss()); // in a topic that promises less

    Optional<CompletableFuture<Receipt>> tried = producer.trySend(message);
    if (tried.isEmpty()) {
      System.err.println("no room for one more: come again later");
    }
    // endregion
    assertEquals(1, tried.orElseThrow().join().offset());
  }

  @Test
  void sendErrors() {
    List<Message> later = new ArrayList<>();
    List<Message> unsure = new ArrayList<>();
    // region send-errors
    try {
      producer.send(message);
    } catch (DiskFullException e) {
      later.add(message); // definite: nothing was written
    } catch (SendOutcomeUnknownException e) {
      unsure.add(message); // appended, but the device did not confirm: look after the next open
    }
    // endregion
    assertEquals(1, orders.endOffset());
    assertTrue(later.isEmpty() && unsure.isEmpty());
  }

  @Test
  void receive() {
    producer.send(message);
    Group billing = orders.group("billing", GroupConfig.defaults());
    // region receive
    try (Consumer consumer = billing.consumer("worker-1")) {
      for (Delivery delivery : consumer.receive(100, Duration.ofSeconds(1))) {
        try {
          handle(delivery.message());
          delivery.ack();
        } catch (RuntimeException e) {
          delivery.nack(e);
        }
      }
    }
    // endregion
    assertEquals(List.of("2 apples"), new ArrayList<>(handled));
  }

  @Test
  void spin() {
    producer.send(message);
    Group billing = orders.group("billing", GroupConfig.defaults());
    // region spin
    try (Consumer consumer = billing.consumer("worker-1", BusySpinIdleStrategy::new)) {
      for (Delivery delivery : consumer.receive(100, Duration.ofSeconds(1))) {
        handle(delivery.message());
        delivery.ack();
      }
    }
    // endregion
    assertEquals(List.of("2 apples"), new ArrayList<>(handled));
  }

  @Test
  void settleSeveral() {
    for (int i = 0; i < 5; i++) {
      producer.send(message);
    }
    Group billing = orders.group("billing", GroupConfig.defaults());
    Consumer consumer = billing.consumer("worker-1");
    List<Delivery> batch = consumer.receive(2, Duration.ZERO);
    Delivery last = consumer.receive(2, Duration.ZERO).get(1);
    long messageId = consumer.receive(1, Duration.ZERO).get(0).messageId();
    // region settle-several
    consumer.ackAll(batch); // the same as an ack of each, and faster
    last.ackUpTo(); // all that this consumer has of the topic, up to this message
    consumer.ack(messageId); // where the delivery is not at hand
    // endregion
    assertEquals(0, billing.lag().get(0).unfinished());
  }

  @Test
  void order() {
    // region order
    GroupConfig config =
        GroupConfig.builder()
            .ordering(Ordering.byKey().withOnPoison(Ordering.OnPoison.BLOCK))
            .build();
    // endregion
    Consumer consumer = orders.group("billing", config).consumer("worker-1");
    for (String payload : List.of("2 apples", "3 apples")) {
      producer.send(Message.builder(payload.getBytes(UTF_8)).key("customer-42").build());
    }
    Delivery first = consumer.receive(10, Duration.ZERO).get(0);
    assertEquals(List.of(), consumer.receive(10, Duration.ZERO));
    first.ack();
    assertEquals(1, consumer.receive(10, Duration.ZERO).get(0).offset());
  }

  @Test
  void group() {
    engine.topic("refunds", TopicConfig.defaults());
    // region group
    Group billing =
        engine
            .group(
                "billing",
                GroupConfig.builder()
                    .ackTimeout(Duration.ofMinutes(1))
                    .maxAttempts(4)
                    .backoff(Backoff.of(Duration.ofSeconds(1), Duration.ofMinutes(1)))
                    .maxInFlight(200)
                    .build())
            .topics("orders", "refunds");
    // endregion
    assertEquals(List.of("orders", "refunds"), billing.topicNames());
  }

  @Test
  void settle() {
    for (int i = 0; i < 5; i++) {
      producer.send(message);
    }
    Consumer consumer = orders.group("billing", GroupConfig.defaults()).consumer("worker-1");
    List<Delivery> deliveries = consumer.receive(5, Duration.ofSeconds(10));
    Delivery done = deliveries.get(0);
    Delivery failed = deliveries.get(1);
    Delivery later = deliveries.get(2);
    Delivery hopeless = deliveries.get(3);
    Delivery slow = deliveries.get(4);
    Exception error = new IllegalStateException("no stock");
    // region settle
    done.ack(); // never comes again to this group
    failed.nack(error); // comes again after the group's backoff
    failed.nack(error, Duration.ofHours(1)); // or when you say
    later.release(); // comes again at once, nothing is counted
    hopeless.reject("no such customer"); // becomes a dead letter at once
    slow.extend(); // the lease lasts for ackTimeout from now
    // endregion
    assertEquals(Settled.ALREADY_SETTLED, failed.ack());
    // region settled
    if (slow.ack() == Settled.STALE) {
      // the lease ran out and somebody else has the message: undo what can be undone
    }
    // endregion
    GroupStats stats = engine.group("billing").lag().get(0);
    assertEquals(2, stats.retrying());
    assertEquals(1, stats.dead());
  }

  @Test
  void errorRules() {
    // region error-rules
    GroupConfig config =
        GroupConfig.builder()
            .onError(IllegalArgumentException.class, ErrorRule.fatal())
            .onError(SocketTimeoutException.class, ErrorRule.throttle(Duration.ofSeconds(5)))
            .build();
    // endregion
    producer.send(message);
    try (Consumer consumer = orders.group("billing", config).consumer("worker-1")) {
      Delivery delivery = consumer.receive(1, Duration.ofSeconds(10)).get(0);
      delivery.nack(new NumberFormatException("for 'two': two"));
    }
    assertEquals(1, engine.group("billing").lag().get(0).dead());
  }

  @Test
  void subscribe() throws Exception {
    Group billing = orders.group("billing", GroupConfig.defaults());
    // region subscribe
    Subscription subscription =
        billing.subscribe(
            delivery -> handle(delivery.message()), SubscribeConfig.concurrency(4));
    // endregion
    producer.send(message);
    assertEquals("2 apples", handled.poll(30, TimeUnit.SECONDS));
    // region unsubscribe
    boolean allHandled = subscription.drain(Duration.ofSeconds(10));
    subscription.close(); // waits for handlers that run
    // endregion
    assertTrue(allHandled);
    assertEquals(0, billing.lag().get(0).unfinished());
  }

  @Test
  void buffer() {
    // region buffer
    SubscribeConfig config = SubscribeConfig.concurrency(4).withBuffer(1_000);
    // endregion
    assertEquals(1_000, config.buffer());
  }

  @Test
  void subscribeAsync() throws Exception {
    Group billing = orders.group("billing", GroupConfig.defaults());
    // region subscribe-async
    Subscription subscription =
        billing.subscribeAsync(
            delivery -> charge(delivery.message()), SubscribeConfig.concurrency(100));
    // endregion
    producer.send(message);
    assertEquals("2 apples", handled.poll(30, TimeUnit.SECONDS));
    subscription.close();
    assertEquals(0, billing.lag().get(0).unfinished());
  }

  private CompletionStage<?> charge(Message received) {
    return CompletableFuture.runAsync(() -> handle(received));
  }

  @Test
  void subscribeOnAnExecutor() throws Exception {
    Group billing = orders.group("billing", GroupConfig.defaults());
    ExecutorService executor = Executors.newFixedThreadPool(4);
    // region executor
    Subscription subscription =
        billing.subscribe(
            delivery -> handle(delivery.message()),
            SubscribeConfig.concurrency(4).withExecutor(executor));
    // endregion
    producer.send(message);
    assertEquals("2 apples", handled.poll(30, TimeUnit.SECONDS));
    subscription.close();
    executor.shutdown();
    assertTrue(executor.awaitTermination(30, TimeUnit.SECONDS));
    assertEquals(0, billing.lag().get(0).unfinished());
  }

  @Test
  void deadLetters() {
    Group billing = orders.group("billing", GroupConfig.builder().maxAttempts(1).build());
    producer.send(message);
    try (Consumer consumer = billing.consumer("worker-1")) {
      consumer.receive(1, Duration.ofSeconds(10)).get(0).nack(new Exception("no stock"));
    }
    List<String> causes = new ArrayList<>();
    // region dead-letters
    try (Reader reader = engine.topic("orders.billing.dlq").reader(StartAt.earliest())) {
      while (reader.poll(
              letter ->
                  causes.add(
                      letter.header("dlq.topic").orElseThrow()
                          + " " + letter.header("dlq.offset").orElseThrow()
                          + ": " + letter.header("dlq.error.message").orElseThrow()),
              256)
          > 0) {
        // each call handles up to 256 dead letters
      }
    }
    // endregion
    assertEquals(List.of("orders 0: no stock"), causes);
  }

  @Test
  void redrive() {
    Group billing = orders.group("billing", GroupConfig.builder().maxAttempts(1).build());
    producer.send(message);
    try (Consumer consumer = billing.consumer("worker-1")) {
      consumer.receive(1, Duration.ofSeconds(10)).get(0).nack(new Exception("no stock"));
    }
    List<String> lines = new ArrayList<>();
    // region dead-letter-causes
    for (DeadLetterCause cause : billing.deadLetters("orders").causes()) {
      lines.add(
          cause.count() + " of " + cause.errorClass() + ": " + cause.message()
              + ", the last at " + cause.last() + ", fingerprint " + cause.fingerprint());
    }
    // endregion
    assertTrue(lines.get(0).startsWith("1 of java.lang.Exception: no stock"), lines.toString());
    // region redrive
    DeadLetterFilter outOfStock =
        DeadLetterFilter.all().withErrorText("no stock").withReason("attempts");
    RedriveConfig slowly = RedriveConfig.defaults().withRate(50).withMost(10_000);
    RedriveReport plan = billing.redrive("orders", outOfStock, slowly.asDryRun());
    RedriveReport report = billing.redrive("orders", outOfStock, slowly);
    // endregion
    assertEquals(new RedriveReport(1, 1, 1, 0), plan);
    assertEquals(plan, report);
    assertEquals(0, billing.deadLetters("orders").letters());
  }

  @Test
  void lag() {
    producer.send(message);
    Group billing = orders.group("billing", GroupConfig.defaults());
    List<String> lines = new ArrayList<>();
    // region lag
    for (GroupStats stats : billing.lag()) {
      lines.add(
          stats.topic() + ": " + stats.unfinished() + " unfinished, " + stats.inFlight()
              + " in flight, " + stats.retrying() + " waiting for a retry, " + stats.dead()
              + " dead");
    }
    // endregion
    assertEquals(
        List.of("orders: 1 unfinished, 0 in flight, 0 waiting for a retry, 0 dead"), lines);
  }

  @Test
  void read() {
    producer.send(message);
    Instant anHourAgo = Instant.now().minus(Duration.ofHours(1));
    List<String> keys = new ArrayList<>();
    // region read
    try (Reader reader = orders.reader(StartAt.time(anHourAgo))) {
      while (reader.poll(view -> keys.add(view.offset() + " " + view.key()), 256) > 0) {
        // each call handles up to 256 messages
      }
    }
    // endregion
    assertEquals(List.of("0 Optional.empty"), keys);
  }

  @Test
  void closing() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    orders
        .group("billing", GroupConfig.defaults())
        .subscribe(delivery -> running.countDown(), SubscribeConfig.concurrency(1));
    producer.send(message);
    assertTrue(running.await(30, TimeUnit.SECONDS));
    engine.close();
    // region configure-engine
    EngineConfig config = EngineConfig.defaults().withCloseTimeout(Duration.ofSeconds(5));
    // endregion
    try (Engine again = Engine.open(directory, config)) {
      assertFalse(again.topics().isEmpty());
    }
  }
}
