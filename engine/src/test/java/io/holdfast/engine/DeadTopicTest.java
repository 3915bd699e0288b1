package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.InvalidNameException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What becomes of messages for which no group is there, where they go elsewhere. */
class DeadTopicTest extends LimitsFixture {
  @Test
  void whatNobodyIsThereForGoesElsewhere() {
    Topic topic =
        engine.topic(
            "t",
            small()
                .whenNoGroup(WhenNoGroup.DEAD_TOPIC)
                .maxMessages(2)
                .onFull(OnFull.reject())
                .build());
    try (Producer producer = producer(topic)) {
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

  @Test
  void noMessageIsElsewhereOnceAGroupHasCome() throws InterruptedException {
    Topic topic =
        engine.topic("t", small().whenNoGroup(WhenNoGroup.DEAD_TOPIC).build());
    List<Receipt> receipts = new ArrayList<>();
    AtomicReference<Group> come = new AtomicReference<>();
    AtomicInteger late = new AtomicInteger();
    Thread sender =
        new Thread(
            () -> {
              try (Producer producer = producer(topic)) {
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

  private Topic deadTopic(int maxMessages, OnFull onFull) {
    return topic(
        small().whenNoGroup(WhenNoGroup.DEAD_TOPIC).maxMessages(maxMessages).onFull(onFull));
  }

  @Test
  void whoWaitsForAGroupThatIsDeletedIsSentElsewhere() {
    Topic topic = deadTopic(5, OnFull.block(LONG));
    topic.group("g", DEFAULTS);
    try (Producer producer = producer(topic)) {
      send(producer, 5);
      CompletableFuture<Receipt> sent = blocked(() -> producer.send(message("late")));
      engine.deleteGroup("g");
      assertEquals(MessageId.of(engine.topic("t.dead").number(), 0), sent.join().messageId());
      Group other = topic.group("h", DEFAULTS);
      assertEquals(5, ack(other, 10));
      send(producer, 5);
      CompletableFuture<Receipt> full = blocked(() -> producer.send(message("full")));
      ack(other, 1);
      assertEquals(10, full.join().offset());
    }
  }

  @Test
  void theLimitIsExactAfterGroupsCameAndWent() throws InterruptedException {
    Topic topic = deadTopic(10, OnFull.block(LONG));
    AtomicBoolean end = new AtomicBoolean();
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Producer producer = topic.producer(ProducerConfig.named("p" + i));
      int batch = i * 4 + 1;
      Thread thread =
          new Thread(
              () -> {
                try (producer) {
                  while (!end.get()) {
                    producer.sendAll(messages(batch));
                    producer.sendAsync(message("a")).join();
                  }
                }
              });
      thread.setUncaughtExceptionHandler((on, e) -> failures.add(e));
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (int i = 0; i < 30; i++) {
      Group group = topic.group("g" + i, DEFAULTS);
      ack(group, 100);
      LockSupport.parkNanos(2_000_000);
      assertTrue(group.lag().get(0).unfinished() <= 10);
      engine.deleteGroup("g" + i);
    }
    end.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
    ackAll(topic.group("last", DEFAULTS));
    try (Producer producer = producer(topic)) {
      long before = topic.endOffset();
      assertEquals(10, producer.sendAll(messages(10)).size());
      assertEquals(before + 10, topic.endOffset());
      CompletableFuture<Receipt> full = blocked(() -> producer.send(message("full")));
      ack(engine.group("last"), 1);
      full.join();
    }
  }

  @Test
  void whatAGroupNeedsWhoseStateIsRefusedIsNotSentElsewhere() throws IOException {
    deadTopic(5, OnFull.reject()).group("damaged", DEFAULTS);
    damage("damaged");
    Topic topic = engine.topic("t");
    try (Producer producer = producer(topic)) {
      send(producer, 5);
      refused(producer);
      assertEquals(5, topic.endOffset());
      engine.deleteGroup("damaged");
      send(producer, 1);
      assertEquals(5, topic.endOffset());
      assertEquals(1, engine.topic("t.dead").endOffset());
    }
  }

  @Test
  void itGoesWithItsTopicAndNotAlone() {
    Topic topic = deadTopic(5, OnFull.reject());
    try (Producer producer = producer(topic)) {
      send(producer, 1);
      GroupConfig once = GroupConfig.builder().maxAttempts(1).build();
      try (Consumer consumer = engine.topic("t.dead").group("undertaker", once).consumer("c")) {
        consumer.receive(1, AT_ONCE).forEach(delivery -> delivery.reject("no"));
      }
      String told =
          assertThrows(InvalidNameException.class, () -> engine.deleteTopic("t.dead"))
              .getMessage();
      assertTrue(told.contains("takes what is sent to topic t"), told);
      send(producer, 1);
      assertEquals(2, engine.topic("t.dead").endOffset());
    }
    engine.deleteTopic("t");
    assertEquals(0, engine.topics().size(), () -> engine.topics().toString());
    reopen();
    assertEquals(0, engine.topics().size());
  }
}
