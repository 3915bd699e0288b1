package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md about messages that are sent again, to the letter. */
class OnceGuideTest {
  @TempDir Path directory;

  @Test
  void sequences() {
    List<byte[]> lines = List.of("a".getBytes(UTF_8), "b".getBytes(UTF_8), "c".getBytes(UTF_8));
    try (Engine engine = Engine.open(directory)) {
      Topic orders = engine.topic("orders", TopicConfig.defaults());
      for (int run = 0; run < 2; run++) {
        // region sequences
        try (Producer producer = orders.producer(ProducerConfig.named("import-7"))) {
          long next = producer.lastSequence().orElse(-1) + 1; // where an earlier run has come to
          for (long line = next; line < lines.size(); line++) {
            producer.send(Message.builder(lines.get((int) line)).sequence(line).build());
          }
        }
        // endregion
      }
      assertEquals(3, orders.endOffset());
      try (Producer producer = orders.producer(ProducerConfig.named("import-7"))) {
        Message message = Message.builder(lines.get(1)).sequence(1).build();
        // region duplicate
        Receipt receipt = producer.send(message);
        if (receipt.isDuplicate()) {
          System.err.println("sent before, at offset " + receipt.offset());
        }
        // endregion
        assertTrue(receipt.isDuplicate());
      }
      // region forget-producer
      orders.forgetProducer("import-7");
      // endregion
      try (Producer producer = orders.producer(ProducerConfig.named("import-7"))) {
        assertTrue(producer.lastSequence().isEmpty());
      }
    }
  }

  @Test
  void ids() {
    try (Engine engine = Engine.open(directory)) {
      // region dedup-id
      Topic payments =
          engine.topic(
              "payments",
              TopicConfig.builder().dedupWindow(Duration.ofMinutes(10), 500_000).build());

      Message payment =
          Message.builder("12.50 to c-42".getBytes(UTF_8)).dedupId("request-8f3a").build();
      // endregion
      try (Producer one = payments.producer(ProducerConfig.named("one"));
          Producer other = payments.producer(ProducerConfig.named("other"))) {
        assertFalse(one.send(payment).isDuplicate());
        assertTrue(other.send(payment).isDuplicate());
      }
    }
  }
}
