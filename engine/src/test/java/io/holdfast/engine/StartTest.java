package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Where a group begins in a topic. */
class StartTest extends PositionFixture {
  private Group group(StartAt start) {
    return engine.group("g", config()).topics(start, "t");
  }

  @Test
  void atTheEndItGetsWhatIsSentFromNowOnAndNothingIsLostOrSkipped() {
    send(0, 3);
    group(StartAt.latest());
    reopen();
    send(3, 5);
    assertEquals(List.of("m3", "m4"), all("g"));
    GroupStats stats = TestStores.stats(engine.group("g"));
    assertEquals(TestStores.stats("t", 3, 5, 2, 2, 0, 0, 0), stats);
  }

  @Test
  void atAnOffsetOrATimeItGetsWhatCameFromThereOn() {
    send(0, 3);
    Instant then = Instant.ofEpochMilli(clock.time()).plusMillis(1);
    pass(Duration.ofSeconds(1));
    send(3, 5);
    engine.group("offset", config()).topics(StartAt.offset(1), "t");
    engine.group("time", config()).topics(StartAt.time(then), "t");
    assertEquals(List.of("m1", "m2", "m3", "m4"), all("offset"));
    assertEquals(List.of("m3", "m4"), all("time"));
  }

  @Test
  void aTimeBeforeOrBehindAllThatMillisecondsCanSayIsAnEndOfTheTopic() {
    send(0, 3);
    engine.group("first", config()).topics(StartAt.time(Instant.MIN), "t");
    engine.group("last", config()).topics(StartAt.time(Instant.MAX), "t");
    send(3, 4);
    assertEquals(List.of("m0", "m1", "m2", "m3"), all("first"));
    assertEquals(List.of("m3"), all("last"));
  }

  @Test
  void whatIsMissingIsNamedAtOnce() {
    Group group = topic.group("g", config());
    missing("time", () -> StartAt.time(null));
    missing("start", () -> group.topics((StartAt) null, "t"));
    missing("to", () -> group.seek("t", null));
    missing("start", () -> topic.reader(null));
    missing("config", () -> topic.producer(null));
    missing("config", () -> group.subscribe(delivery -> {}, null));
    missing("config", () -> group.subscribeAsync(delivery -> null, null));
    missing("topicConfig", () -> engine.topic("new", null));
    missing("groupConfig", () -> engine.group("new", null));
    missing("maxAge", () -> TopicConfig.builder().maxAge(null));
    missing("timeToLive", () -> Message.builder(new byte[0]).timeToLive(null));
    missing("deliverAt", () -> Message.builder(new byte[0]).deliverAt(null));
    assertEquals(List.of("t"), engine.topics());
    assertEquals(List.of("g"), engine.groups());
  }

  private static void missing(String name, Executable call) {
    assertEquals(name, assertThrows(NullPointerException.class, call).getMessage());
  }

  @Test
  void beyondTheEndItIsTheEndSoThatNoMessageIsHidden() {
    send(0, 1);
    group(StartAt.offset(1_000));
    send(1, 3);
    assertEquals(List.of("m1", "m2"), all("g"));
  }

  @Test
  void aTopicThatTheGroupHasStaysWhereItIs() {
    send(0, 3);
    Group group = topic.group("g", config());
    group.topics(StartAt.latest(), "t");
    assertEquals(List.of("m0", "m1", "m2"), all("g"));
  }

  @Test
  void aPatternBeginsThereInTheTopicsThatAreThereAndWithTheFirstMessageOfLaterOnes() {
    Topic one = engine.topic("x.one", TestStores.small().build());
    send(one, 0, 2);
    engine.group("g", config()).topics(StartAt.latest(), "x.*");
    send(one, 2, 3);
    send(engine.topic("x.two", TestStores.small().build()), 10, 11);
    reopen();
    List<Delivery> got = receive("g", 10);
    assertEquals(
        List.of("m10", "m2"), got.stream().map(TestStores::text).sorted().toList());
  }

  @Test
  void itCanGoBackToWhatWasBeforeItsBeginning() {
    send(0, 3);
    Group group = group(StartAt.latest());
    assertEquals(3, group.seek("t", StartAt.earliest()).repeated());
    assertEquals(List.of("m0", "m1", "m2"), all("g"));
  }
}
