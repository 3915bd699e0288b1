package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in README.md, to the letter. */
class QuickstartTest {
  private final List<String> billed = new ArrayList<>();

  @Test
  void theProgramInTheReadmeWorks(@TempDir Path directory) {
    // region quickstart
    try (Engine engine = Engine.open(directory)) {
      Topic orders = engine.topic("orders", TopicConfig.defaults());

      try (Producer producer = orders.producer(ProducerConfig.named("shop-1"))) {
        Message message =
            Message.builder("2 apples".getBytes(UTF_8))
                .key("customer-42")
                .header("type", "created")
                .build();
        Receipt receipt = producer.send(message); // on the device when this returns
        System.out.println("offset " + receipt.offset());
      }

      Group billing = orders.group("billing", GroupConfig.defaults());
      try (Consumer consumer = billing.consumer("worker-1")) {
        for (Delivery delivery : consumer.receive(100, Duration.ofSeconds(1))) {
          try {
            bill(delivery.message());
            delivery.ack();
          } catch (RuntimeException e) {
            delivery.nack(e); // comes again later; in the end to orders.billing.dlq
          }
        }
      }
    }
    // endregion
    assertEquals(List.of("2 apples"), billed);
    try (Engine engine = Engine.open(directory)) {
      Group billing = engine.topic("orders").group("billing", GroupConfig.defaults());
      assertEquals(0, billing.lag().get(0).unfinished());
    }
  }

  private void bill(Message message) {
    billed.add(new String(message.payload(), UTF_8));
  }
}
