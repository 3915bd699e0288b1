package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which consumer of a group gets a message. */
class LoadSharingTest {
  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;
  private Producer producer;

  @BeforeEach
  void open() {
    engine = Engine.open(dir.resolve("store"), EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().build());
    producer = topic.producer(ProducerConfig.named("p"));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Group group(LoadSharing sharing, Ordering ordering) {
    return topic.group(
        "g",
        GroupConfig.builder()
            .loadSharing(sharing)
            .ordering(ordering)
            .ackTimeout(Duration.ofMinutes(1))
            .build());
  }

  private void send(String key, int number) {
    byte[] payload = (key + number).getBytes(StandardCharsets.UTF_8);
    producer.send(Message.builder(payload).key(key).build());
  }

  private void sendKeys(int keys, int each) {
    for (int number = 0; number < each; number++) {
      for (int key = 0; key < keys; key++) {
        send("k" + key + "-", number);
      }
    }
  }

  /** Whoever waits gets its share; a fast one does not take those of the others. */
  @Test
  @Timeout(120)
  void inTurnThoseThatWaitGetEquallyMany() throws InterruptedException {
    Group group = group(LoadSharing.ROUND_ROBIN, Ordering.none());
    Map<String, AtomicInteger> counts = new HashMap<>();
    List<Thread> threads = new ArrayList<>();
    AtomicInteger got = new AtomicInteger();
    int messages = 600;
    for (String name : List.of("a", "b", "c")) {
      AtomicInteger count = new AtomicInteger();
      counts.put(name, count);
      Consumer consumer = group.consumer(name);
      Thread thread =
          new Thread(
              () -> {
                while (got.get() < messages) {
                  for (Delivery delivery : consumer.receive(10, Duration.ofMillis(50))) {
                    count.incrementAndGet();
                    delivery.ack();
                    got.incrementAndGet();
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (int i = 0; i < messages; i++) {
      send("k", i);
      while (got.get() <= i) {
        Thread.onSpinWait(); // all of them wait again, or nearly so
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(messages, got.get());
    // On a busy machine one of them may come late to its next receive now and then.
    counts.forEach((name, count) -> assertTrue(count.get() > messages / 6, counts::toString));
  }

  @Test
  void inTurnOneThatIsAloneTakesAll() {
    Group group = group(LoadSharing.ROUND_ROBIN, Ordering.none());
    sendKeys(5, 1);
    group.consumer("absent");
    assertEquals(5, group.consumer("a").receive(10, AT_ONCE).size());
  }

  @Test
  void byKeyAMessageGoesWhereItsKeyWent() {
    Group group = group(LoadSharing.BY_KEY, Ordering.none());
    Consumer one = group.consumer("one");
    Consumer two = group.consumer("two");
    one.receive(1, AT_ONCE);
    two.receive(1, AT_ONCE); // both are there
    sendKeys(20, 3);
    List<Delivery> first = one.receive(100, AT_ONCE);
    List<Delivery> second = two.receive(100, AT_ONCE);
    assertEquals(60, first.size() + second.size());
    Set<String> keys = keys(first);
    assertTrue(keys.size() > 2 && keys.size() < 18, keys::toString);
    keys.retainAll(keys(second));
    assertEquals(Set.of(), keys);
  }

  private static Set<String> keys(List<Delivery> deliveries) {
    Set<String> keys = new HashSet<>();
    deliveries.forEach(delivery -> keys.add(delivery.message().key().orElseThrow()));
    return keys;
  }

  @Test
  void byKeyOthersTakeOverWhenAConsumerIsClosedOrDoesNotAsk() {
    Group group = group(LoadSharing.BY_KEY, Ordering.none());
    Consumer one = group.consumer("one");
    Consumer two = group.consumer("two");
    Consumer three = group.consumer("three");
    for (Consumer consumer : List.of(one, two, three)) {
      consumer.receive(1, AT_ONCE);
    }
    sendKeys(30, 1);
    int share = two.receive(100, AT_ONCE).size();
    assertTrue(share < 30);
    one.close();
    share += two.receive(100, AT_ONCE).size();
    assertTrue(share < 30, "the third is there");
    clock.advance(Duration.ofMinutes(1));
    share += two.receive(100, AT_ONCE).stream().filter(d -> d.attempt() == 1).toList().size();
    assertEquals(30, share);
  }

  @Test
  void byKeyAClosedConsumerThatAsksOwnsNothing() {
    Group group = group(LoadSharing.BY_KEY, Ordering.none());
    Consumer one = group.consumer("one");
    Consumer two = group.consumer("two");
    one.close();
    assertThrows(AlreadyClosedException.class, () -> one.receive(1, AT_ONCE));
    sendKeys(30, 1);
    assertEquals(30, two.receive(100, AT_ONCE).size());
  }

  @Test
  @Timeout(120)
  void byKeyNobodyMissesWhatAnotherOneMet() throws InterruptedException {
    Group group = group(LoadSharing.BY_KEY, Ordering.byKey());
    ConcurrentLinkedQueue<String> got = new ConcurrentLinkedQueue<>();
    try (Subscription subscription =
        group.subscribe(
            delivery -> got.add(TestStores.text(delivery)), SubscribeConfig.concurrency(3))) {
      assertTrue(subscription.toString().contains("g"));
      sendKeys(10, 30);
      long deadline = System.nanoTime() + SOON.toNanos();
      while (group.lag().get(0).unfinished() > 0 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
    }
    assertEquals(300, got.size());
    for (int key = 0; key < 10; key++) {
      String prefix = "k" + key + "-";
      List<String> ofKey = got.stream().filter(text -> text.startsWith(prefix)).toList();
      for (int number = 0; number < 30; number++) {
        assertEquals(prefix + number, ofKey.get(number));
      }
    }
  }

  @Test
  void byKeyWithATotalOrderIsRefused() {
    String told =
        assertThrows(
                IllegalArgumentException.class,
                () -> group(LoadSharing.BY_KEY, Ordering.total()))
            .getMessage();
    assertTrue(told.contains("by key"), told);
    assertEquals(List.of(), texts(group(LoadSharing.ANY_FREE, Ordering.total())
        .consumer("c").receive(1, AT_ONCE)));
  }
}
