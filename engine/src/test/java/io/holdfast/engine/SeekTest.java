package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.SOON;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holdfast.engine.error.UnknownTopicException;
import io.holdfast.storage.Durability;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group goes to another place: what comes again, what is skipped, and what is out meanwhile. */
class SeekTest {
  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;

  @BeforeEach
  void open() {
    engine = Engine.open(dir.resolve("store"), EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().build());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void reopen() {
    engine.close();
    open();
  }

  private static GroupConfig.Builder config() {
    return GroupConfig.builder()
        .ackTimeout(Duration.ofSeconds(10))
        .maxAttempts(2)
        .backoff(Backoff.fixed(Duration.ofSeconds(1)));
  }

  private Group group() {
    return topic.group("g", config().build());
  }

  private void send(int from, int to) {
    send(IntStream.range(from, to).mapToObj(i -> "m" + i).toArray(String[]::new));
  }

  private void send(String... texts) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (String text : texts) {
        String key = text.substring(0, 1);
        producer.send(Message.builder(text.getBytes(StandardCharsets.UTF_8)).key(key).build());
      }
    }
  }

  private List<Delivery> receive(int max) {
    return engine.group("g").consumer("c").receive(max, AT_ONCE);
  }

  private void pass(Duration time) {
    clock.advance(time);
    engine.tick();
  }

  @Test
  void backwardsBringsWhatWasDoneAgainAndTellsHowMuchBefore() {
    Group group = group();
    send(0, 10);
    receive(6).forEach(Delivery::ack);
    SeekReport expected = new SeekReport("t", 6, 2, 4, 0, 0, 0);
    assertEquals(expected, group.previewSeek("t", StartAt.offset(2)));
    assertEquals(List.of("m6"), texts(receive(1)), "a preview changes nothing");
    expected = new SeekReport("t", 6, 2, 4, 0, 1, 0);
    assertEquals(expected, group.seek("t", StartAt.offset(2)));
    List<Delivery> again = receive(100);
    assertEquals(List.of("m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"), texts(again));
    again.forEach(delivery -> assertEquals(1, delivery.attempt()));
    again.forEach(delivery -> assertEquals(Settled.DONE, delivery.ack()));
    reopen();
    assertEquals(List.of(), receive(1));
    assertEquals(TestStores.stats("t", 10, 10, 0, 0, 0, 0, 0), TestStores.stats(group()));
  }

  @Test
  void forwardsSkipsWhatWasNotDoneAndCountsIt() {
    Group group = group();
    send(0, 10);
    List<Delivery> out = receive(4);
    out.get(0).ack();
    out.get(2).ack();
    assertEquals(
        List.of(new SeekReport("t", 1, 8, 0, 6, 2, 0)), group.seek(StartAt.offset(8)));
    assertEquals(List.of("m8", "m9"), texts(receive(100)));
    reopen();
    assertEquals(6, group().lag().get(0).skipped());
    assertEquals(0, group().lag().get(0).lost());
    assertEquals(List.of("m8", "m9"), texts(receive(100)));
  }

  @Test
  void whatIsDoneAboveThePlaceComesAgainAsInAGroupThatBeginsThere() {
    Group group = group();
    send(0, 4);
    List<Delivery> out = receive(4);
    out.get(1).ack();
    out.get(3).ack();
    assertEquals(new SeekReport("t", 0, 1, 2, 1, 2, 0), group.seek("t", StartAt.offset(1)));
    assertEquals(List.of("m1", "m2", "m3"), texts(receive(100)));
  }

  @Test
  void aPlaceBeyondEitherEndIsTheNearestOneThatTheTopicHas() {
    Group group = group();
    send(0, 3);
    receive(3).forEach(Delivery::ack);
    assertEquals(3, group.seek("t", StartAt.offset(1_000)).to());
    assertEquals(0, group.seek("t", StartAt.earliest()).to());
    assertEquals(3, group.seek("t", StartAt.latest()).to());
    send(3, 5);
    assertEquals(List.of("m3", "m4"), texts(receive(100)));
    assertThrows(UnknownTopicException.class, () -> group.seek("no", StartAt.latest()));
  }

  @Test
  void aTimeIsAPlaceToo() {
    Group group = group();
    send(0, 3);
    Instant then = Instant.ofEpochMilli(clock.time()).plusSeconds(60);
    clock.advance(Duration.ofHours(1));
    send(3, 5);
    receive(5).forEach(Delivery::ack);
    assertEquals(new SeekReport("t", 5, 3, 2, 0, 0, 0), group.seek("t", StartAt.time(then)));
    assertEquals(List.of("m3", "m4"), texts(receive(100)));
  }

  @Test
  void deliveriesThatAreOutAreStaleWhateverIsDoneWithThem() {
    Group group = group();
    send(0, 6);
    List<Delivery> out = receive(6);
    out.get(5).ack();
    group.seek("t", StartAt.earliest());
    assertEquals(Settled.STALE, out.get(0).ack());
    assertEquals(Settled.STALE, out.get(1).nack(new Exception()));
    assertEquals(Settled.STALE, out.get(2).release());
    assertEquals(Settled.STALE, out.get(3).reject("no"));
    assertEquals(Settled.STALE, out.get(4).extend());
    assertEquals(Settled.ALREADY_SETTLED, out.get(5).ack());
    List<Delivery> again = receive(100);
    assertEquals(6, again.size());
    assertEquals(Settled.STALE, out.get(0).ack(), "its slot has another message by now");
    again.forEach(delivery -> assertEquals(Settled.DONE, delivery.ack()));
    assertEquals(0, group.lag().get(0).unfinished());
    pass(Duration.ofSeconds(60));
    assertEquals(List.of(), receive(1), "no lease of before runs out");
  }

  @Test
  void retriesAreGivenUpAndTheirAttemptsForgotten() {
    Group group = group();
    send(0, 3);
    receive(2).forEach(delivery -> delivery.nack(new Exception("first")));
    assertEquals(new SeekReport("t", 0, 1, 0, 1, 0, 2), group.seek("t", StartAt.offset(1)));
    assertEquals(0, group.lag().get(0).retrying());
    List<Delivery> again = receive(100);
    assertEquals(List.of("m1", "m2"), texts(again));
    assertEquals(1, again.get(0).attempt());
    assertEquals("none", again.get(0).lastError().orElse("none"));
    pass(Duration.ofSeconds(1));
    assertEquals(List.of(), receive(100), "the retry of before is due, and is none any more");
  }

  @Test
  void whatIsOnItsWayToTheDeadLettersBecomesOneFirst() {
    Group group = group();
    send(0, 3);
    receive(1).forEach(delivery -> delivery.reject("broken"));
    group.seek("t", StartAt.earliest());
    assertEquals(1, engine.topic("t.g.dlq").endOffset());
    receive(1).forEach(delivery -> delivery.reject("broken again"));
    assertEquals(2, engine.topic("t.g.dlq").endOffset(), "it was brought back, and died again");
    reopen();
    assertEquals(2, engine.topic("t.g.dlq").endOffset());
    assertEquals(List.of("m1", "m2"), texts(receive(100)));
  }

  @Test
  void aWaitingReceiveIsWoken() throws Exception {
    Group group = group();
    send(0, 1);
    receive(1).forEach(Delivery::ack);
    try (Waiting waiting = new Waiting(group, SOON)) {
      group.seek("t", StartAt.earliest());
      assertEquals(List.of("m0"), waiting.texts());
    }
  }

  @Test
  void inOrderNothingOfBeforeLocksAKeyOrWaitsForOne() {
    Group group = topic.group("g", config().ordering(Ordering.byKey()).build());
    send("a1", "a2", "b1", "a3", "b2");
    List<Delivery> out = receive(100);
    assertEquals(List.of("a1", "b1"), texts(out));
    out.get(1).nack(new Exception(), Duration.ofHours(1));
    group.seek("t", StartAt.offset(1));
    List<Delivery> got = receive(100);
    assertEquals(List.of("a2", "b1"), texts(got));
    assertEquals(Settled.STALE, out.get(0).ack(), "and gives no key on");
    assertEquals(List.of(), receive(100));
    got.forEach(Delivery::ack);
    assertEquals(List.of("a3", "b2"), texts(receive(100)));
  }

  @Test
  void inATotalOrderTheNextOneIsTheOneOfThePlace() {
    Group group = topic.group("g", config().ordering(Ordering.total()).build());
    send(0, 3);
    List<Delivery> out = receive(100);
    group.seek("t", StartAt.offset(1));
    List<Delivery> got = receive(100);
    assertEquals(List.of("m1"), texts(got));
    assertEquals(Settled.STALE, out.get(0).ack());
    got.get(0).ack();
    assertEquals(List.of("m2"), texts(receive(100)));
  }

  @Test
  void aSuspectThatIsOutKeepsNobodyWaiting() {
    Group group = group();
    send(0, 4);
    receive(2);
    Path image = TestStores.image(dir.resolve("store"), dir.resolve("image"));
    engine.close();
    engine = Engine.open(image, EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t");
    Group again = engine.group("g");
    assertEquals(List.of("m0", "m2", "m3"), texts(receive(100)), "one suspect at a time");
    again.seek("t", StartAt.offset(0));
    assertEquals(List.of("m0", "m1", "m2", "m3"), texts(receive(100)));
  }

  @Test
  void aPlaceInAChunkThatWasDeletedIsReached() {
    TopicConfig config =
        TestStores.small()
            .durability(Durability.processCrash())
            .retention(Retention.forever()) // what was done is still there
            .build();
    topic = engine.topic("many", config);
    Group group = topic.group("g", GroupConfig.builder().maxInFlight(20_000).build());
    int count = (1 << 20) + 1_000;
    List<Message> batch = IntStream.range(0, 1_000).mapToObj(i -> Message.of(new byte[1])).toList();
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int sent = 0; sent < count; sent += batch.size()) {
        producer.sendAll(batch);
      }
    }
    try (Consumer consumer = group.consumer("c")) {
      for (int done = 0; done < count - 500; ) {
        List<Delivery> got = consumer.receive(10_000, AT_ONCE);
        done += consumer.ackAll(got.subList(0, Math.min(got.size(), count - 500 - done)));
      }
      long mark = group.lag().get(0).lowWaterMark();
      assertEquals(count - 500, mark);
      assertEquals(mark - 5, group.seek("many", StartAt.offset(5)).repeated());
      assertEquals(5, consumer.receive(1, AT_ONCE).get(0).offset());
      group.seek("many", StartAt.offset(mark + 3));
      assertEquals(mark + 3, consumer.receive(1, AT_ONCE).get(0).offset());
      group.seek("many", StartAt.offset(mark - 2_000));
      assertEquals(mark - 2_000, consumer.receive(1, AT_ONCE).get(0).offset());
    }
    reopen();
    assertEquals(mark(count), engine.group("g").lag().get(0).lowWaterMark());
  }

  private static long mark(int count) {
    return count - 500 - 2_000;
  }
}
