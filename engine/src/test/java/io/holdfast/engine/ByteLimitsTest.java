package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.TopicFullException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.InvalidNameException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a send does when a topic has as many bytes as it may have, or nobody to read it. */
@Timeout(120)
class ByteLimitsTest {
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

  @Test
  void bytesBoundTheFilesAndAckedOnesMakeRoom() {
    long most = 2 << 20;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic =
          engine.topic("t", small().maxBytes(most).onFull(OnFull.block(LONG)).build());
      Group group = topic.group("g", DEFAULTS);
      int count = 3_000;
      Thread sender =
          new Thread(
              () -> {
                try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
                  for (int i = 0; i < count; i++) {
                    producer.send(Message.of(new byte[4_000]));
                  }
                }
              });
      sender.start();
      int acked = 0;
      while (acked < count) {
        assertTrue(topic.log().files().bytes() <= most);
        acked += ack(group, 100);
      }
      assertEquals(count, topic.endOffset());
      assertEquals(0, group.lag().get(0).dropped());
    }
  }

  @Test
  void bytesAreRefusedBeforeAnythingIsWritten() {
    long most = 2 << 20;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = engine.topic("t", small().maxBytes(most).onFull(OnFull.reject()).build());
      topic.group("g", DEFAULTS);
      int sent = 0;
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        TopicFullException full = null;
        while (full == null) {
          try {
            producer.send(Message.of(new byte[4_000]));
            sent++;
          } catch (TopicFullException e) {
            full = e;
          }
        }
        assertTrue(full.getMessage().contains("maxBytes, " + most), full.getMessage());
      }
      assertEquals(sent, topic.endOffset());
      assertTrue(sent * 4_000L > most * 3 / 4);
    }
  }

  @Test
  void ofBytesTheOldestFileGivesWay() {
    long most = 2 << 20;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = engine.topic("t", small().maxBytes(most).onFull(OnFull.dropOldest()).build());
      Group group = topic.group("g", DEFAULTS);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 2_000; i++) {
          producer.send(Message.of(new byte[4_000]));
        }
      }
      assertTrue(topic.log().files().bytes() <= most);
      assertEquals(topic.firstOffset(), group.lag().get(0).dropped());
      assertEquals(2_000 - topic.firstOffset(), ack(group, 10_000));
    }
  }

  @Test
  void whatNobodyIsThereForGoesElsewhere() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic =
          engine.topic(
              "t",
              small()
                  .whenNoGroup(WhenNoGroup.DEAD_TOPIC)
                  .maxMessages(2)
                  .onFull(OnFull.reject())
                  .build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        send(producer, 1);
        List<Receipt> receipts = producer.sendAll(messages(3));
        CompletableFuture<Receipt> async = producer.sendAsync(message("a"));
        assertEquals(4, async.join().offset());
        Topic dead = engine.topic("t.dead");
        assertEquals(5, dead.endOffset());
        assertEquals(0, topic.endOffset());
        assertEquals(MessageId.of(dead.number(), 1), receipts.get(0).messageId());
        Group group = topic.group("g", DEFAULTS);
        send(producer, 2);
        refused(producer);
        assertEquals(2, topic.endOffset());
        assertEquals(2, ack(group, 10));
        assertEquals(5, ack(dead.group("undertaker", DEFAULTS), 10));
        assertThrows(
            InvalidNameException.class, () -> dead.producer(ProducerConfig.named("p")));
      }
      assertThrows(InvalidNameException.class, () -> engine.topic("x.dead", small().build()));
    }
  }

  @Test
  void noMessageIsElsewhereOnceAGroupHasCome() throws InterruptedException {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic =
          engine.topic("t", small().whenNoGroup(WhenNoGroup.DEAD_TOPIC).build());
      List<Receipt> receipts = new ArrayList<>();
      AtomicReference<Group> come = new AtomicReference<>();
      AtomicInteger late = new AtomicInteger();
      Thread sender =
          new Thread(
              () -> {
                try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
                  for (int i = 0; i < 2_000; i++) {
                    boolean isThere = come.get() != null;
                    Receipt receipt = producer.send(message("m"));
                    receipts.add(receipt);
                    boolean isElsewhere =
                        receipt.messageId() != MessageId.of(topic.number(), receipt.offset());
                    late.addAndGet(isThere && isElsewhere ? 1 : 0);
                  }
                }
              });
      sender.start();
      while (engine.topics().size() < 2) {
        Thread.onSpinWait();
      }
      come.set(topic.group("g", DEFAULTS));
      sender.join();
      assertEquals(0, late.get());
      assertEquals(2_000, topic.endOffset() + engine.topic("t.dead").endOffset());
      int acked = 0;
      for (int got = -1; got != 0; acked += got) {
        got = ack(come.get(), 1_000);
      }
      assertEquals(topic.endOffset(), acked, "whatever is in the topic, the group gets");
    }
  }

  @Test
  void limitsAreStoredAndChecked() {
    TopicConfig limited =
        small().maxMessages(7).maxBytes(64 << 20).onFull(OnFull.block(SHORT)).build();
    assertEquals(limited, TopicConfig.of(limited.settings()));
    for (OnFull onFull : List.of(OnFull.block(), OnFull.reject(), OnFull.dropOldest())) {
      assertEquals(onFull, OnFull.parse(onFull.toString()));
    }
    assertThrows(IllegalArgumentException.class, () -> OnFull.parse("wait"));
    assertThrows(IllegalArgumentException.class, () -> small().maxMessages(0));
    String told =
        assertThrows(IllegalArgumentException.class, () -> small().maxBytes(1_000_000).build())
            .getMessage();
    assertTrue(told.contains("maxBytes is at least 1097728"), told);
  }
}
