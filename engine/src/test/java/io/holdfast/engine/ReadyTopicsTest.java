package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.small;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many topics of one group: each has its turn, only those with something cost, none is missed. */
class ReadyTopicsTest {
  private static final Duration FOR_EVER = Duration.ofDays(1); // nobody is helped by its end
  private static final int TOPICS = 6;
  private static final int ROUNDS = 5_000;

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Topic topic(String name) {
    return engine.topic(name, small().durability(Durability.processCrash()).build());
  }

  private static void send(Topic topic, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(message(topic.name() + i));
      }
    }
  }

  @Test
  void aTopicThatIsAlwaysFullLeavesTheOthersTheirShare() {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    send(topic("a"), 500);
    send(topic("b"), 3);
    send(topic("c"), 2);
    try (Consumer consumer = group.consumer("c")) {
      for (int i = 0; i < 3; i++) { // whoever's turn it is
        List<String> got = texts(consumer.receive(3, AT_ONCE));
        assertEquals(3, got.size());
        assertTrue(got.stream().anyMatch(text -> text.startsWith("a")), got.toString());
        assertEquals(1, got.stream().filter(text -> text.startsWith("b")).count());
      }
      assertEquals(100, consumer.receive(100, AT_ONCE).size(), "what the others leave is a's");
    }
  }

  @Test
  void oneByOneTheTopicsTakeTurns() {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    send(topic("a"), 10);
    send(topic("b"), 10);
    List<String> got = new ArrayList<>();
    try (Consumer consumer = group.consumer("c")) {
      for (int i = 0; i < 10; i++) {
        got.addAll(texts(consumer.receive(1, AT_ONCE)));
      }
    }
    assertEquals(5, got.stream().filter(text -> text.startsWith("a")).count(), got.toString());
  }

  @Test
  void topicsWithoutMessagesAreNotLookedAt() {
    Group group = engine.group("g", GroupConfig.defaults()).topics("t.*");
    List<Topic> topics = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      topics.add(topic("t." + i));
    }
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(List.of(), consumer.receive(10, AT_ONCE));
      assertEquals(0, group.ready().size());
      send(topics.get(42), 1);
      assertEquals(1, group.ready().size());
      assertEquals(List.of("t.420"), texts(consumer.receive(10, AT_ONCE)));
      assertEquals(List.of(), consumer.receive(10, AT_ONCE));
      assertEquals(0, group.ready().size());
    }
  }

  @Test
  void whatComesBackBringsItsTopicBack() {
    GroupConfig config =
        GroupConfig.builder()
            .maxInFlight(1)
            .backoff(Backoff.of(Duration.ofSeconds(1)))
            .build();
    Group group = engine.group("g", config).topics("*");
    send(topic("a"), 2);
    topic("b");
    try (Consumer consumer = group.consumer("c")) {
      Delivery first = consumer.receive(10, AT_ONCE).get(0);
      assertEquals(List.of(), consumer.receive(10, AT_ONCE), "the group has one out");
      assertEquals(0, group.ready().size());
      first.nack(new Exception("once more")); // makes room
      try (Consumer other = group.consumer("other")) {
        assertEquals(List.of("a1"), texts(other.receive(10, AT_ONCE)));
        assertEquals(List.of(), other.receive(10, AT_ONCE));
      } // gives it back
      Delivery second = consumer.receive(10, AT_ONCE).get(0);
      assertEquals("a1", TestStores.text(second));
      second.ack();
      assertEquals(List.of(), consumer.receive(10, AT_ONCE));
      clock.advance(Duration.ofSeconds(2));
      engine.tick();
      assertEquals(List.of("a0"), texts(consumer.receive(10, AT_ONCE)), "its retry is due");
      clock.advance(Duration.ofMinutes(1));
      engine.tick();
      assertEquals(List.of(), consumer.receive(10, AT_ONCE), "its lease has run out");
      clock.advance(Duration.ofSeconds(2));
      engine.tick();
      assertEquals(List.of("a0"), texts(consumer.receive(10, AT_ONCE)));
    }
  }

  @Test
  void whatIsForAnotherConsumerStaysReady() {
    GroupConfig config = GroupConfig.builder().loadSharing(LoadSharing.BY_KEY).build();
    Group group = engine.group("g", config).topics("*");
    Topic topic = topic("a");
    topic("b");
    try (Consumer one = group.consumer("one");
        Consumer two = group.consumer("two")) {
      one.receive(1, AT_ONCE); // both are there
      two.receive(1, AT_ONCE);
      try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
        for (int i = 0; i < 64; i++) {
          producer.send(Message.builder(new byte[0]).key("key" + i).build());
        }
      }
      int ones = one.receive(100, AT_ONCE).size();
      assertEquals(List.of(), one.receive(100, AT_ONCE));
      assertEquals(64, ones + two.receive(100, AT_ONCE).size());
      assertTrue(ones > 0 && ones < 64, "the keys are shared: " + ones);
    }
  }

  @Test
  void noWakeUpIsLostWhereManyTopicsMeetManyConsumers() throws Exception {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    List<Topic> topics = IntStream.range(0, TOPICS).mapToObj(i -> topic("t" + i)).toList();
    ExecutorService threads = Executors.newCachedThreadPool();
    Semaphore received = new Semaphore(0);
    List<Consumer> consumers = new ArrayList<>();
    List<Future<?>> receivers = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Consumer consumer = group.consumer("c" + i);
        int max = i + 1;
        consumers.add(consumer);
        receivers.add(threads.submit(() -> receiveAndAck(consumer, max, received)));
      }
      for (int round = 0; round < ROUNDS; round++) { // behind each nobody sends who would wake them
        int each = round % 5 + 1;
        List<Future<?>> senders = new ArrayList<>();
        for (Topic topic : topics) {
          senders.add(threads.submit(() -> send(topic, each)));
        }
        for (Future<?> sender : senders) {
          sender.get();
        }
        boolean all = received.tryAcquire(TOPICS * each, SOON.toSeconds(), TimeUnit.SECONDS);
        assertTrue(all, "a wake-up was lost in round " + round + ": " + group.lag());
      }
      assertEquals(0, received.availablePermits(), "each once");
      assertFalse(receivers.stream().anyMatch(Future::isDone));
    } finally {
      consumers.forEach(Consumer::close);
      threads.shutdown();
    }
    assertTrue(threads.awaitTermination(SOON.toSeconds(), TimeUnit.SECONDS));
  }

  /** Until the consumer is closed. */
  private static void receiveAndAck(Consumer consumer, int max, Semaphore received) {
    try {
      while (true) {
        for (Delivery delivery : consumer.receive(max, FOR_EVER)) {
          delivery.ack();
          received.release();
        }
      }
    } catch (AlreadyClosedException e) {
      assertTrue(e.getMessage().contains("nothing was received"), e.getMessage());
    }
  }

  @Test
  void eachMessageWakesAConsumerThatWaits() throws Exception {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    List<Topic> topics = List.of(topic("a"), topic("b"), topic("c"));
    for (int i = 0; i < 500; i++) {
      try (Waiting waiting = new Waiting(group, FOR_EVER)) {
        send(topics.get(i % 3), 1);
        assertEquals(1, waiting.texts().size()); // fails after half a minute
      }
    }
  }

  @Test
  void eachMessageWakesAConsumerThatIsAboutToWait() throws Exception {
    Group group = engine.group("g", GroupConfig.defaults()).topics("*");
    List<Topic> topics = List.of(topic("a"), topic("b"), topic("c"));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Consumer consumer = group.consumer("c")) {
      for (int i = 0; i < 2_000; i++) {
        Topic topic = topics.get(i % 3);
        Future<List<Delivery>> waiting = thread.submit(() -> consumer.receive(1, FOR_EVER));
        send(topic, 1);
        List<Delivery> got = waiting.get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertEquals(1, got.size());
        got.get(0).ack();
      }
    } finally {
      thread.shutdown();
    }
  }
}
