package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a message, from send to ack, on each durability level. */
class FirstMessageTest {
  @TempDir Path dir;

  @Test
  void aMessageIsSentReceivedAckedAndDoesNotComeAgain() {
    try (Engine engine = Engine.open(dir)) {
      Topic topic = engine.topic("orders", TopicConfig.defaults());
      try (Producer producer = topic.producer(ProducerConfig.named("shop"))) {
        Message message =
            Message.builder("hello".getBytes()).key("k").subject("a.b").header("h", "v").build();
        Receipt receipt = producer.send(message);
        assertEquals(0, receipt.offset());
        assertEquals((long) topic.number() << 48, receipt.messageId());
      }
      Group group = topic.group("billing", GroupConfig.defaults());
      try (Consumer consumer = group.consumer("worker")) {
        List<Delivery> got = consumer.receive(10, TestStores.SOON);
        assertEquals(List.of("hello"), TestStores.texts(got));
        Delivery delivery = got.get(0);
        assertEquals("k", delivery.message().key().orElseThrow());
        assertEquals("a.b", delivery.message().subject().orElseThrow());
        assertEquals("v", delivery.message().header("h").orElseThrow());
        assertEquals("shop", delivery.producer().orElseThrow());
        assertEquals(1, delivery.attempt());
        assertEquals(Settled.DONE, delivery.ack());
        assertEquals(Settled.ALREADY_SETTLED, delivery.ack());
        assertEquals(List.of(), consumer.receive(10, TestStores.AT_ONCE));
      }
    }
    try (Engine engine = Engine.open(dir)) {
      Group group = engine.group("billing");
      assertEquals(List.of("orders"), group.topicNames());
      GroupStats stats = group.lag().get(0);
      assertEquals(TestStores.stats("orders", 1, 1, 0, 0, 0, 0, 0), stats);
    }
  }
}
