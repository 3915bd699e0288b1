package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.error.HoldfastInterruptedException;
import io.holdfast.storage.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who waits is woken, topics share a group fairly, and history leaves nothing behind. */
class ReceiveTest {
  @TempDir Path dir;
  private Engine engine;

  @BeforeEach
  void open() {
    engine = Engine.open(dir);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Topic topic(String name) {
    return engine.topic(
        name, TestStores.small().durability(Durability.processCrash()).build());
  }

  private static void send(Topic topic, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        messages.add(message(topic.name() + i));
      }
      producer.sendAll(messages);
    }
  }

  private static CompletableFuture<List<String>> receiving(Consumer consumer) {
    CompletableFuture<List<String>> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(texts(consumer.receive(10, SOON)));
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    thread.start();
    return result;
  }

  @Test
  void aWaitingReceiveIsWokenByASendOnAnyOfItsTopics() throws Exception {
    Topic first = topic("a");
    Topic second = topic("b");
    Consumer consumer =
        engine.group("g", GroupConfig.defaults()).topics("a", "b").consumer("c");
    CompletableFuture<List<String>> waiting = receiving(consumer);
    send(second, 1);
    assertEquals(List.of("b0"), waiting.get(30, TimeUnit.SECONDS));
    waiting = receiving(consumer);
    send(first, 1);
    assertEquals(List.of("a0"), waiting.get(30, TimeUnit.SECONDS));
  }

  @Test
  void aWaitingReceiveIsWokenByATopicThatIsAttached() throws Exception {
    send(topic("a"), 1);
    Group group = engine.group("g", GroupConfig.defaults());
    CompletableFuture<List<String>> waiting = receiving(group.consumer("c"));
    group.topics("a");
    assertEquals(List.of("a0"), waiting.get(30, TimeUnit.SECONDS));
  }

  @Test
  void aWaitingReceiveIsWokenByAnAckAtTheLimitAndByARelease() throws Exception {
    Topic topic = topic("a");
    send(topic, 2);
    Group group = topic.group("g", GroupConfig.builder().maxInFlight(1).build());
    Consumer consumer = group.consumer("c");
    Delivery first = consumer.receive(1, SOON).get(0);
    CompletableFuture<List<String>> waiting = receiving(group.consumer("d"));
    assertEquals(Settled.DONE, first.release());
    assertEquals(List.of("a0"), waiting.get(30, TimeUnit.SECONDS));
  }

  @Test
  void aWaitingReceiveIsWokenByARetryThatIsDue() throws Exception {
    Topic topic = topic("a");
    send(topic, 1);
    GroupConfig config =
        GroupConfig.builder().backoff(Backoff.fixed(Duration.ofMillis(20))).build();
    Consumer consumer = topic.group("g", config).consumer("c");
    consumer.receive(1, SOON).get(0).nack(new Exception());
    assertEquals(List.of("a0"), texts(consumer.receive(1, SOON)));
  }

  @Test
  void aWaitingReceiveIsWokenByALeaseThatRunsOut() throws Exception {
    Topic topic = topic("a");
    send(topic, 1);
    GroupConfig config =
        GroupConfig.builder()
            .ackTimeout(Duration.ofMillis(20))
            .backoff(Backoff.fixed(Duration.ZERO))
            .build();
    Consumer consumer = topic.group("g", config).consumer("c");
    consumer.receive(1, SOON);
    assertEquals(2, consumer.receive(1, SOON).get(0).attempt());
  }

  @Test
  void closeEndsAWaitingReceive() throws Exception {
    Consumer consumer = topic("a").group("g", GroupConfig.defaults()).consumer("c");
    CompletableFuture<List<String>> waiting = receiving(consumer);
    consumer.close();
    Throwable error =
        waiting.handle((texts, thrown) -> thrown).get(30, TimeUnit.SECONDS);
    assertInstanceOf(AlreadyClosedException.class, error);
  }

  @Test
  void anInterruptEndsAWaitingReceiveAndKeepsTheFlag() throws Exception {
    Consumer consumer = topic("a").group("g", GroupConfig.defaults()).consumer("c");
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                consumer.receive(1, SOON);
              } catch (HoldfastInterruptedException e) {
                flag.complete(Thread.currentThread().isInterrupted());
              }
            });
    thread.start();
    thread.interrupt();
    assertTrue(flag.get(30, TimeUnit.SECONDS));
  }

  @Test
  void topicsOfAGroupTakeTurns() {
    for (String name : new String[] {"a", "b", "c"}) {
      send(topic(name), 30);
    }
    Consumer consumer =
        engine.group("g", GroupConfig.defaults()).topics("a", "b", "c").consumer("w");
    List<String> got = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      got.addAll(texts(consumer.receive(2, AT_ONCE)));
    }
    assertEquals(18, got.size());
    for (String name : new String[] {"a", "b", "c"}) {
      assertEquals(6, got.stream().filter(text -> text.startsWith(name)).count(), name);
    }
  }

  @Test
  void consumersOfAGroupShareAndGroupsDoNot() {
    Topic topic = topic("a");
    send(topic, 10);
    Group group = topic.group("g", GroupConfig.defaults());
    Set<String> seen = new TreeSet<>();
    seen.addAll(texts(group.consumer("c").receive(5, AT_ONCE)));
    seen.addAll(texts(group.consumer("d").receive(10, AT_ONCE)));
    assertEquals(10, seen.size());
    Consumer other = topic.group("other", GroupConfig.defaults()).consumer("c");
    assertEquals(10, other.receive(10, AT_ONCE).size());
  }

  /** A bitmap chunk holds 1,048,576 offsets: what lies behind the low-water mark is deleted. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void chunksOfFinishedMessagesAreDeletedAndNothingComesAgain() throws Exception {
    int count = (1 << 20) + 1_000;
    Topic topic =
        engine.topic(
            "big", TopicConfig.builder().durability(Durability.processCrash()).build());
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      List<Message> batch = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        batch.add(Message.of(new byte[0]));
        if (batch.size() == 4_000 || i == count - 1) {
          producer.sendAll(batch);
          batch.clear();
        }
      }
    }
    Consumer consumer = topic.group("g", GroupConfig.defaults()).consumer("c");
    Delivery straggler = consumer.receive(1, AT_ONCE).get(0);
    long next = 1;
    while (next < count - 500) {
      for (Delivery delivery : consumer.receive(500, AT_ONCE)) {
        assertEquals(next++, delivery.offset());
        delivery.ack();
      }
    }
    assertEquals(List.of("0000000000.done", "0000000001.done"), chunks());
    straggler.ack();
    engine.close();
    assertEquals(List.of("0000000001.done"), chunks());
    engine = Engine.open(dir);
    GroupStats stats = engine.group("g").lag().get(0);
    assertEquals(next, stats.lowWaterMark());
    assertEquals(count - next, stats.unfinished());
    assertEquals(next, engine.group("g").consumer("c").receive(1, AT_ONCE).get(0).offset());
  }

  private List<String> chunks() throws Exception {
    try (var files = Files.list(dir.resolve("groups/g/big"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".done"))
          .sorted()
          .collect(Collectors.toList());
    }
  }
}
