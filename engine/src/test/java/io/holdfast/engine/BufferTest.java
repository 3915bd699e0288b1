package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.text;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read ahead of the handlers is in memory only: nothing is decided, and nobody blamed. */
class BufferTest extends HandlerFixture {
  private static final int OVERHEAD = 512; // objects and attributes of a message, at most

  @TempDir Path images;
  private final CountDownLatch goOn = new CountDownLatch(1);

  /** Says what it gets, and waits with the first message. */
  private void handle(Delivery delivery) throws InterruptedException {
    events.add(text(delivery));
    await(goOn);
  }

  private static SubscribeConfig buffer(int messages) {
    return SubscribeConfig.concurrency(1).withBuffer(messages);
  }

  private void sendMany(int from, int to) {
    List<Message> messages = new ArrayList<>();
    IntStream.range(from, to).forEach(i -> messages.add(message("m" + i)));
    producer.sendAll(messages);
  }

  private void awaitMany(int from, int to) throws InterruptedException {
    for (int i = from; i < to; i++) {
      await("m" + i);
    }
  }

  @Test
  void whatIsReadAheadIsNotOut() throws Exception {
    Group group = topic.group("g", config().maxInFlight(3).build());
    sendMany(0, 100);
    Subscription subscription = group.subscribe(this::handle, buffer(50));
    await("m0");
    assertTrue(group.readAhead().bytes() > 0, "nothing was read ahead");
    assertEquals(TestStores.stats("t", 0, 100, 100, 1, 0, 0, 0), stats());
    try (Consumer consumer = group.consumer("c")) { // who asks first gets it
      List<Delivery> others = consumer.receive(10, AT_ONCE);
      assertEquals(List.of("m1", "m2"), texts(others)); // and maxInFlight has room for two
      assertEquals(1, others.get(1).attempt());
      consumer.ackAll(others);
    }
    goOn.countDown();
    awaitMany(3, 100);
    subscription.close();
    assertNull(events.poll());
    assertEquals(TestStores.stats("t", 100, 100, 0, 0, 0, 0, 0), stats());
    assertEquals(0, group.readAhead().bytes());
  }

  @Test
  void aCrashBlamesNobodyForWhatWasReadAhead() throws Exception {
    Group group = topic.group("g", config().build());
    sendMany(0, 100);
    Subscription subscription = group.subscribe(this::handle, buffer(50));
    await("m0");
    Path image = TestStores.image(dir, images.resolve("store"));
    try (Engine crashed = Engine.open(image, EngineConfig.defaults().withClock(clock));
        Consumer consumer = crashed.group("g").consumer("c")) {
      List<Delivery> all = consumer.receive(100, AT_ONCE);
      assertEquals(100, all.size());
      for (Delivery delivery : all) {
        assertEquals(text(delivery).equals("m0") ? 2 : 1, delivery.attempt());
      }
    }
    goOn.countDown();
    subscription.close();
  }

  @Test
  void aSlowSubscriberMakesTheEngineWaitAndLosesNothing() throws Exception {
    int size = 1_000;
    int count = 20_000;
    int buffer = 8;
    Group group = topic.group("g", config().build());
    List<Long> offsets = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch all = new CountDownLatch(count);
    DeliveryHandler slow =
        delivery -> {
          if (offsets.isEmpty()) {
            events.add("running");
            await(goOn);
          }
          offsets.add(delivery.offset());
          if (group.readAhead().bytes() > buffer * (size + OVERHEAD)) {
            events.add(group.readAhead().bytes() + " bytes are read ahead");
          }
          all.countDown();
        };
    List<Message> batch = Collections.nCopies(1_000, Message.of(new byte[size]));
    producer.sendAll(batch);
    Subscription subscription = group.subscribe(slow, buffer(buffer));
    await("running");
    for (int i = 1_000; i < count; i += 1_000) {
      producer.sendAll(batch);
      assertTrue(group.readAhead().bytes() <= buffer * (size + OVERHEAD));
      assertEquals(1, stats().inFlight());
    }
    goOn.countDown();
    await(all);
    subscription.close();
    assertEquals(IntStream.range(0, count).mapToObj(Long::valueOf).toList(), offsets);
    assertEquals(TestStores.stats("t", count, count, 0, 0, 0, 0, 0), stats());
    assertNull(events.poll());
  }

  @Test
  void largeMessagesAreBoundedByTheirBytesInAllTopicsTogether() throws Exception {
    List<Message> large = Collections.nCopies(1_000, Message.of(new byte[4_000]));
    producer.sendAll(large);
    Topic other = engine.topic("u", TestStores.small().build());
    try (Producer second = other.producer(ProducerConfig.named("p"))) {
      second.sendAll(large);
    }
    CountDownLatch all = new CountDownLatch(2_000);
    Group group = engine.group("g", config().build()).topics("t", "u");
    long most = SubscribeConfig.MAX_BUFFER_BYTES + 2 * (4_000 + OVERHEAD);
    DeliveryHandler handler =
        delivery -> {
          if (group.readAhead().bytes() > most) {
            events.add(group.readAhead().bytes() + " bytes are read ahead");
          }
          all.countDown();
        };
    Subscription subscription = group.subscribe(handler, buffer(65_536));
    await(all);
    subscription.close();
    assertNull(events.poll());
    assertEquals(0, group.lag().get(0).unfinished() + group.lag().get(1).unfinished());
  }

  @Test
  void whatIsDoneMeanwhileIsPassedBy() throws Exception {
    Group group = topic.group("g", config().build());
    sendMany(0, 1_000);
    try (Consumer consumer = group.consumer("c")) {
      for (Delivery delivery : consumer.receive(100, AT_ONCE)) {
        if (delivery.offset() % 2 == 0) {
          delivery.ack();
        }
      }
    }
    engine.close();
    open();
    group = engine.group("g");
    Subscription subscription = group.subscribe(this::handle, buffer(100));
    Set<String> got = new HashSet<>();
    got.add(events.take());
    try (Consumer consumer = group.consumer("c")) { // beyond what was read ahead
      List<Delivery> others = consumer.receive(500, AT_ONCE);
      assertEquals(500, consumer.ackAll(others));
      got.addAll(texts(others));
    }
    goOn.countDown();
    while (got.size() < 950) {
      assertTrue(got.add(events.poll(30, TimeUnit.SECONDS)), "a message came twice");
    }
    subscription.close();
    assertNull(events.poll());
    assertEquals(0, stats().unfinished());
  }

  @Test
  void orderIsKeptByWhatIsReadAhead() throws Exception {
    Group group = topic.group("g", config().ordering(Ordering.byKey()).build());
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      messages.add(Message.builder(message("m" + i).payload()).key("k" + i % 3).build());
    }
    producer.sendAll(messages);
    List<List<Long>> byKey = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    CountDownLatch all = new CountDownLatch(300);
    DeliveryHandler handler =
        delivery -> {
          byKey.get((int) (delivery.offset() % 3)).add(delivery.offset()); // one in flight a key
          all.countDown();
        };
    Subscription subscription =
        group.subscribe(handler, SubscribeConfig.concurrency(4).withBuffer(10));
    await(all);
    subscription.close();
    for (int key = 0; key < 3; key++) {
      int first = key;
      assertEquals(
          IntStream.range(0, 100).mapToObj(i -> (long) (3 * i + first)).toList(),
          byKey.get(key));
    }
  }

  @Test
  void aGapInWhatIsReadAheadIsCountedOnce() throws Exception {
    Group group = topic.group("g", config().build());
    sendMany(0, 100);
    engine.close();
    SalvagedTopicTest.lose(dir, "t", 20, 21, 60);
    open();
    Subscription subscription = engine.group("g").subscribe(this::handle, buffer(10));
    goOn.countDown();
    awaitMany(0, 20);
    awaitMany(22, 60);
    awaitMany(61, 100);
    subscription.close();
    assertNull(events.poll());
    assertEquals(0, stats().unfinished());
    assertEquals(3, stats().lost());
    assertEquals(0, group.readAhead().bytes());
  }

  @Test
  void withoutABufferEachMessageIsReadWhenItIsHandedOut() throws Exception {
    Group group = topic.group("g", config().build());
    sendMany(0, 100);
    Subscription subscription = group.subscribe(this::handle, buffer(0));
    await("m0");
    assertEquals(0, group.readAhead().bytes());
    goOn.countDown();
    awaitMany(1, 100);
    subscription.close();
  }

  @Test
  void theLargestBufferOfTheOpenSubscriptionsCounts() throws Exception {
    Group group = topic.group("g", config().build());
    sendMany(0, 1_000);
    Subscription large = group.subscribe(this::handle, buffer(200));
    await("m0");
    Subscription small = group.subscribe(this::handle, buffer(20));
    String next = events.take();
    assertFalse(next.equals("m0"));
    assertTrue(group.readAhead().bytes() > 20 * OVERHEAD, "the smaller one was taken");
    goOn.countDown();
    large.close();
    small.close();
    assertEquals(0, group.readAhead().bytes());
    assertThrows(IllegalArgumentException.class, () -> buffer(-1));
    assertThrows(IllegalArgumentException.class, () -> buffer(65_537));
  }

  @Test
  void whatExpiresWhileItIsReadAheadIsNotHandedOut() throws Exception {
    Group group = topic.group("g", config().build());
    send("m0");
    Message shortLived =
        Message.builder(message("short").payload()).timeToLive(Duration.ofSeconds(10)).build();
    producer.sendAll(List.of(shortLived, shortLived, message("m3")));
    Subscription subscription = group.subscribe(this::handle, buffer(50));
    await("m0");
    assertTrue(group.readAhead().bytes() > 0, "nothing was read ahead");
    clock.advance(Duration.ofSeconds(10));
    goOn.countDown();
    await("m3");
    subscription.close();
    assertNull(events.poll());
    assertEquals(2, stats().dead());
    assertEquals(0, stats().unfinished());
  }

  @Test
  void aGroupThatMovesLeavesWhatWasReadAhead() throws Exception {
    Group group = topic.group("g", config().build());
    sendMany(0, 100);
    Subscription subscription = group.subscribe(this::handle, buffer(50));
    await("m0");
    group.seek("t", StartAt.offset(90));
    goOn.countDown();
    awaitMany(90, 100);
    group.seek("t", StartAt.offset(20));
    awaitMany(20, 100);
    subscription.close();
    assertNull(events.poll());
    assertEquals(0, stats().unfinished());
    assertEquals(0, group.readAhead().bytes());
  }
}
