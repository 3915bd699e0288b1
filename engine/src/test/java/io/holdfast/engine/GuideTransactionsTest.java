package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md about transactions, to the letter. */
class GuideTransactionsTest {
  @TempDir Path directory;
  private Engine engine;
  private Group billing;
  private final ConcurrentMap<String, Boolean> charged = new ConcurrentHashMap<>();

  @BeforeEach
  void open() {
    engine = Engine.open(directory);
    billing = engine.topic("orders", TopicConfig.defaults()).group("billing", config());
    engine.topic("shipments", TopicConfig.defaults());
    engine.topic("invoices", TopicConfig.defaults());
    try (Producer producer = engine.topic("orders").producer(ProducerConfig.named("shop-1"))) {
      producer.send(Message.of("2 apples".getBytes(UTF_8)));
    }
  }

  private static GroupConfig config() {
    return GroupConfig.defaults();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static Message shipment(Message order) {
    return Message.of(order.payload());
  }

  private static Message invoice(Message order) {
    return Message.of(order.payload());
  }

  private void awaitShipments(long count) throws InterruptedException {
    Topic shipments = engine.topic("shipments");
    Eventually.holds(() -> shipments.endOffset() == count, () -> "at " + shipments.endOffset());
  }

  @Test
  void transaction() {
    Consumer consumer = billing.consumer("worker-1");
    Delivery delivery = consumer.receive(1, Duration.ofSeconds(30)).get(0);
    // region transaction
    try (Transaction transaction = engine.transaction()) {
      transaction.send("shipments", shipment(delivery.message()));
      transaction.send("invoices", invoice(delivery.message()));
      transaction.ack(delivery);
      TransactionReceipt receipt = transaction.commit();
    }
    // endregion
    assertTrue(delivery.isSettled());
    assertEquals(1, engine.topic("invoices").endOffset());
  }

  @Test
  void processHandler() throws Exception {
    // region process
    Subscription subscription =
        billing.process(
            delivery ->
                List.of(
                    Output.to("shipments", shipment(delivery.message())),
                    Output.to("invoices", invoice(delivery.message()))),
            SubscribeConfig.concurrency(4));
    // endregion
    awaitShipments(1);
    subscription.close();
    assertEquals(0, billing.lag().get(0).unfinished());
  }

  @Test
  void processPull() throws Exception {
    // region process-pull
    try (Consumer consumer = billing.consumer("worker-1")) {
      int done =
          consumer.process(
              100,
              Duration.ofSeconds(30),
              delivery -> List.of(Output.to("shipments", shipment(delivery.message()))));
    }
    // endregion
    awaitShipments(1);
  }

  private boolean charge(String key) {
    return charged.putIfAbsent(key, true) == null;
  }

  @Test
  void idempotencyKey() {
    Consumer consumer = billing.consumer("worker-1");
    Delivery delivery = consumer.receive(1, Duration.ofSeconds(30)).get(0);
    // region idempotency-key
    charge(delivery.idempotencyKey()); // the card company does it once for each key
    delivery.ack();
    // endregion
    assertEquals(1, charged.size());
  }
}
