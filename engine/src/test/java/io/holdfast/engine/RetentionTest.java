package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.SegmentExtent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a topic keeps and what it drops, and what becomes of those who needed that. */
class RetentionTest {
  private static final int PAYLOAD = 4_000;
  private static final GroupConfig DEFAULTS = GroupConfig.defaults();

  @TempDir Path store;

  private final Logger refusals = Logger.getLogger("io.holdfast.engine.GroupDirectory");
  private final TestClock clock = new TestClock();
  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();
  private final EngineConfig config =
      EngineConfig.defaults().withClocks(clock, clock).withListener(events::add);

  private static TopicConfig.Builder small() {
    return TopicConfig.builder()
        .durability(Durability.processCrash())
        .segmentSize(1 << 20)
        .maxMessageSize(PAYLOAD);
  }

  private static Topic topic(Engine engine, Retention retention) {
    return engine.topic("t", small().retention(retention).build());
  }

  /** Sends messages, the clock a second ahead with each. */
  private void send(Topic topic, int count) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < count; i++) {
        producer.send(Message.of(new byte[PAYLOAD]));
        clock.advance(Duration.ofSeconds(1));
      }
    }
  }

  private static int ack(Group group, int count) {
    int acked = 0;
    try (Consumer consumer = group.consumer("c")) {
      while (acked < count) {
        List<Delivery> got = consumer.receive(Math.min(500, count - acked), AT_ONCE);
        got.forEach(Delivery::ack);
        acked += got.size();
        if (got.isEmpty()) {
          return acked;
        }
      }
    }
    return acked;
  }

  private static GroupStats stats(Group group) {
    return group.lag().get(0);
  }

  private static List<SegmentExtent> extents(Topic topic) {
    return topic.log().files().extents();
  }

  private long lost(String group) {
    return events.stream()
        .filter(EngineEvent.MessagesLost.class::isInstance)
        .map(EngineEvent.MessagesLost.class::cast)
        .filter(event -> event.group().equals(group))
        .mapToLong(EngineEvent.MessagesLost::count)
        .sum();
  }

  @Test
  void whatEveryGroupIsDoneWithIsDroppedInWholeFilesAndNothingElse() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.untilConsumed());
      Group fast = topic.group("fast", DEFAULTS);
      Group slow = topic.group("slow", DEFAULTS);
      send(topic, 600);
      ack(fast, 600);
      engine.tick();
      assertEquals(0, topic.firstOffset(), "the other group needs all");
      ack(slow, 300);
      engine.tick();
      long first = topic.firstOffset();
      assertTrue(first > 0 && first <= 300, () -> "first " + first);
      assertEquals(first, extents(topic).get(0).firstOffset());
      assertTrue(extents(topic).get(0).endOffset() > 300, "no further file is done");
      ack(slow, 300);
      engine.tick();
      assertEquals(1, extents(topic).size(), "the one that is written to stays");
      assertEquals(0, stats(slow).dropped());
      assertEquals(0, stats(slow).unfinished());
      assertEquals(0, lost("slow"));
    }
  }

  @Test
  void aDropNeedsNobodyToAsk() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.untilConsumed());
      Group group = topic.group("g", DEFAULTS);
      send(topic, 600);
      ack(group, 600);
      for (int i = 0; topic.firstOffset() == 0 && i < 10_000; i++) {
        LockSupport.parkNanos(1_000_000);
      }
      assertTrue(topic.firstOffset() > 0);
    }
  }

  @Test
  void withoutAGroupEverythingIsKeptAndTheFirstOneGetsIt() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.untilConsumed());
      send(topic, 600);
      engine.tick();
      assertEquals(0, topic.firstOffset());
    }
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = engine.topic("t");
      engine.tick();
      assertEquals(600, ack(topic.group("g", DEFAULTS), 1_000));
    }
  }

  @Test
  void aReaderHoldsNothing() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.untilConsumed());
      Group group = topic.group("g", DEFAULTS);
      send(topic, 600);
      try (Reader reader = topic.reader(StartAt.earliest())) {
        reader.poll(message -> {}, 1);
        ack(group, 600);
        engine.tick();
        assertTrue(topic.firstOffset() > 0);
      }
    }
  }

  @Test
  void whatWasConsumedStaysForAWhileWhereItShall() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic =
          topic(engine, Retention.untilConsumed().atLeast(Duration.ofHours(1)));
      Group group = topic.group("g", DEFAULTS);
      send(topic, 600);
      ack(group, 600);
      engine.tick();
      assertEquals(0, topic.firstOffset());
      SegmentExtent oldest = extents(topic).get(0);
      clock.advance(Duration.ofMillis(oldest.lastTime() + 3_600_000 - 1 - clock.time()));
      engine.tick();
      assertEquals(0, topic.firstOffset());
      clock.advance(Duration.ofMillis(1));
      engine.tick();
      assertEquals(oldest.endOffset(), topic.firstOffset());
      clock.advance(Duration.ofHours(1));
      engine.tick();
      assertEquals(1, extents(topic).size());
    }
  }

  @Test
  void ageDropsWhatIsStillNeededAndCountsIt() {
    long expected;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byAge(Duration.ofHours(1)));
      Group group = topic.group("g", DEFAULTS);
      Group ahead = topic.group("ahead", DEFAULTS);
      send(topic, 600);
      ack(group, 10);
      ack(ahead, 600);
      engine.tick();
      assertEquals(0, topic.firstOffset(), "consumed or not, it stays");
      clock.advance(Duration.ofHours(1));
      engine.tick();
      long first = topic.firstOffset();
      assertEquals(1, extents(topic).size());
      assertEquals(first - 10, stats(group).dropped());
      assertEquals(first, stats(group).lowWaterMark());
      assertEquals(600 - first, stats(group).unfinished());
      assertEquals(0, stats(ahead).dropped());
      assertEquals(600 - first, ack(group, 1_000));
      expected = first - 10;
    }
    assertEquals(expected, lost("g")); // the close has told of all
    assertEquals(0, lost("ahead"));
  }

  @Test
  void theCountOfWhatWasDroppedIsThereAfterReopening() {
    long dropped;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byAge(Duration.ofHours(1)));
      Group group = topic.group("g", DEFAULTS);
      send(topic, 600);
      clock.advance(Duration.ofHours(1));
      engine.tick();
      dropped = stats(group).dropped();
      assertTrue(dropped > 0);
    }
    try (Engine engine = Engine.open(store, config)) {
      assertEquals(dropped, stats(engine.group("g")).dropped());
      assertEquals(600 - dropped, ack(engine.group("g"), 1_000));
    }
  }

  @Test
  void sizeBoundsTheFiles() {
    long most = 2 << 20;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.bySize(most));
      for (int i = 0; i < 10; i++) {
        send(topic, 200);
        engine.tick();
        assertTrue(topic.log().files().bytes() <= most);
        assertTrue(extents(topic).size() >= 3, "small enough to be dropped one by one");
      }
      long held = topic.endOffset() - topic.firstOffset();
      assertTrue(held * PAYLOAD > most / 2, () -> held + " messages are kept");
    }
  }

  @Test
  void countKeepsSoManyOfTheNewest() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byCount(100));
      Group group = topic.group("g", DEFAULTS);
      send(topic, 2_000);
      EngineInside.retain(engine, "t"); // messages since the last new file count, too
      SegmentExtent oldest = extents(topic).get(0);
      assertTrue(2_000 - oldest.firstOffset() >= 100);
      assertTrue(2_000 - oldest.endOffset() < 100, "no whole file more");
      assertEquals(oldest.firstOffset(), stats(group).dropped());
    }
  }

  @Test
  void ofTwoBoundsTheFirstThatIsReachedCounts() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic =
          topic(engine, Retention.untilConsumed().atMost(Duration.ofHours(1)).atMostBytes(2 << 20));
      Group group = topic.group("g", DEFAULTS);
      send(topic, 300);
      engine.tick();
      assertEquals(0, topic.firstOffset());
      send(topic, 600);
      engine.tick();
      assertTrue(stats(group).dropped() > 0);
      assertTrue(topic.log().files().bytes() <= 2 << 20);
      ack(group, 1_000);
      engine.tick();
      assertEquals(1, extents(topic).size(), "consumed");
    }
  }

  @Test
  void whatIsOutWhenItIsDroppedCanBeAckedAndIsLostWhenItIsRetried() {
    long expected;
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byAge(Duration.ofMinutes(15)));
      Group group =
          topic.group(
              "g",
              GroupConfig.builder()
                  .ackTimeout(Duration.ofHours(12))
                  .maxProcessing(Duration.ofHours(24))
                  .build());
      send(topic, 600);
      try (Consumer consumer = group.consumer("c")) {
        List<Delivery> out = consumer.receive(3, AT_ONCE);
        clock.advance(Duration.ofHours(1));
        engine.tick();
        long first = topic.firstOffset();
        assertTrue(first > 3);
        assertEquals(first - 3, stats(group).dropped());
        assertEquals(3, stats(group).inFlight());
        assertEquals(Settled.DONE, out.get(0).ack());
        assertEquals(Settled.DONE, out.get(1).release());
        assertEquals(Settled.DONE, out.get(2).nack(new Exception()));
        clock.advance(Duration.ofHours(1));
        List<Delivery> rest = consumer.receive(1_000, AT_ONCE);
        assertTrue(rest.stream().allMatch(delivery -> delivery.offset() >= first));
        assertEquals(600 - first, rest.size());
        assertEquals(first - 1, stats(group).dropped());
        assertEquals(first, stats(group).lowWaterMark());
        rest.forEach(Delivery::ack);
        assertEquals(0, stats(group).unfinished());
      }
      expected = topic.firstOffset() - 1;
    }
    assertEquals(expected, lost("g"), "all but the one that was acked");
  }

  @Test
  void messagesThatWaitForTheirKeyAreDroppedTooAndTheKeyGoesOn() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byAge(Duration.ofMinutes(15)));
      Group group =
          topic.group(
              "g",
              GroupConfig.builder()
                  .ordering(Ordering.byKey())
                  .ackTimeout(Duration.ofHours(12))
                  .maxProcessing(Duration.ofHours(24))
                  .build());
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
          Consumer consumer = group.consumer("c")) {
        for (int i = 0; i < 600; i++) {
          producer.send(Message.builder(new byte[PAYLOAD]).key("k" + i % 2).build());
          clock.advance(Duration.ofSeconds(1));
        }
        List<Delivery> out = consumer.receive(1_000, AT_ONCE);
        assertEquals(2, out.size());
        clock.advance(Duration.ofHours(1));
        engine.tick();
        long first = topic.firstOffset();
        assertEquals(first - 2, stats(group).dropped());
        out.forEach(Delivery::ack);
        long next = first;
        while (next < 600) {
          List<Delivery> got = consumer.receive(1_000, AT_ONCE);
          assertEquals(List.of(next, next + 1), got.stream().map(Delivery::offset).toList());
          got.forEach(Delivery::ack);
          next += 2;
        }
        assertEquals(0, stats(group).unfinished());
      }
    }
  }

  @Test
  void whatRetriesFoundAtOpenNeedIsLostAndCountedInOrderToo() {
    GroupConfig ordered =
        GroupConfig.builder()
            .ordering(Ordering.byKey())
            .backoff(Backoff.fixed(Duration.ofMinutes(30)))
            .build();
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byAge(Duration.ofMinutes(15)));
      send(topic, 600);
      try (Consumer consumer = topic.group("g", ordered).consumer("c")) {
        consumer.receive(3, AT_ONCE).forEach(delivery -> delivery.nack(new Exception()));
      }
    }
    clock.advance(Duration.ofHours(1));
    try (Engine engine = Engine.open(store, config)) {
      Group group = engine.group("g");
      engine.tick();
      Topic topic = engine.topic("t");
      assertEquals(1, extents(topic).size());
      ack(group, 1_000);
      assertEquals(topic.firstOffset(), stats(group).dropped());
      assertEquals(0, stats(group).unfinished());
    }
  }

  @Test
  void ageDropsNothingWhileTheClockIsNotTrusted() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.byAge(Duration.ofHours(1)));
      send(topic, 600);
      engine.tick();
      clock.jump(Duration.ofDays(1));
      engine.tick();
      assertEquals(0, topic.firstOffset());
      engine.trustClock();
      engine.tick();
      assertEquals(1, extents(topic).size());
    }
  }

  @Test
  void nothingIsDroppedOnTheAccountOfAGroupWhoseStateWasRefused() throws Exception {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.untilConsumed().atMost(Duration.ofHours(1)));
      Group group = topic.group("g", DEFAULTS);
      topic.group("damaged", DEFAULTS);
      send(topic, 600);
      ack(group, 600);
    }
    Path head = store.resolve("groups/damaged/t/head");
    byte[] whole = Files.readAllBytes(head);
    Files.write(head, new byte[whole.length]);
    clock.advance(Duration.ofDays(1));
    refusals.setLevel(Level.OFF);
    try (Engine engine = Engine.open(store, config)) {
      engine.tick();
      assertEquals(0, engine.topic("t").firstOffset());
    } finally {
      refusals.setLevel(null);
    }
    Files.write(head, whole);
    try (Engine engine = Engine.open(store, config)) {
      engine.tick();
      assertEquals(1, extents(engine.topic("t")).size());
      assertTrue(stats(engine.group("damaged")).dropped() > 0);
    }
  }

  @Test
  void deadLettersStayUntilTheyAreRedrivenAndCopiesGoWhenTheyAreDone() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = topic(engine, Retention.untilConsumed());
      Group group = topic.group("g", GroupConfig.builder().maxAttempts(1).build());
      send(topic, 300);
      try (Consumer consumer = group.consumer("c")) {
        consumer.receive(1_000, AT_ONCE).forEach(delivery -> delivery.reject("no"));
      }
      engine.tick();
      Topic letters = engine.topic("t.g.dlq");
      assertTrue(extents(letters).size() > 1);
      assertEquals(0, letters.firstOffset());
      assertEquals(1, extents(topic).size(), "dead letters are done");
      group.redrive("t", DeadLetterFilter.all(), RedriveConfig.defaults());
      engine.tick();
      assertEquals(1, extents(letters).size());
      Topic copies = engine.topic("t.g.retry");
      assertEquals(0, copies.firstOffset());
      assertEquals(300, ack(group, 1_000));
      engine.tick();
      assertEquals(1, extents(copies).size());
    }
  }

  @Test
  void droppedWithoutAGroupMeansThatNoLaterOneGetsIt() {
    try (Engine engine = Engine.open(store, config)) {
      Topic topic = engine.topic("t", small().whenNoGroup(WhenNoGroup.DROP).build());
      send(topic, 600);
      engine.tick();
      assertEquals(1, extents(topic).size());
      List<Long> read = new ArrayList<>();
      try (Reader reader = topic.reader(StartAt.earliest())) {
        while (reader.poll(message -> read.add(message.offset()), 100) > 0) {
          // a reader sees what is still there
        }
      }
      assertFalse(read.isEmpty());
      Group first = topic.group("first", DEFAULTS);
      send(topic, 5);
      assertEquals(4, ack(first, 4));
      Group second = topic.group("second", DEFAULTS);
      assertEquals(1, ack(second, 10));
      assertEquals(0, stats(first).dropped());
    }
  }

  @Test
  void aRetentionSaysWhatItIsAndIsReadAgain() {
    for (Retention retention :
        List.of(
            Retention.untilConsumed(),
            Retention.forever(),
            Retention.untilConsumed().atLeast(Duration.ofDays(1)).atMost(Duration.ofDays(7)),
            Retention.byAge(Duration.ofHours(1)).atMostBytes(1 << 30).atMostMessages(5),
            Retention.bySize(1 << 30),
            Retention.byCount(7))) {
      assertEquals(retention, Retention.parse(retention.toString()));
      TopicConfig config = small().retention(retention).build();
      assertEquals(config, TopicConfig.of(config.settings()));
    }
    assertThrows(IllegalArgumentException.class, () -> Retention.parse("forever;atMost"));
    assertThrows(IllegalArgumentException.class, () -> Retention.parse("byAge"));
    assertThrows(
        IllegalArgumentException.class, () -> Retention.byCount(1).atLeast(Duration.ofDays(1)));
    assertThrows(
        IllegalArgumentException.class, () -> small().retention(Retention.bySize(1_000)).build());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            small().retention(Retention.forever()).whenNoGroup(WhenNoGroup.DROP).build());
  }
}
