package io.holdfast.engine;

import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is too old ends although nobody receives. */
class ExpirySweepTest extends ExpiryFixture {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private void elapse(Duration time) {
    pass(time);
    settle();
  }

  @Test
  void messagesReachTheirAgeWithoutAConsumer() {
    open(hour());
    topic.group("g", config().build());
    send("a1", "b1");
    elapse(MINUTE);
    send("c1");
    elapse(HOUR.minus(MINUTE).plus(SECOND));
    assertEquals(List.of("a1 expired", "b1 expired"), reasons());
    assertEquals(1, stats().unfinished());
    elapse(MINUTE);
    assertEquals(3, stats().expired());
    assertEquals(3, stats().lowWaterMark());
  }

  @Test
  void messagesWithATimeOfTheirOwnEndInATopicThatHasNone() {
    open(TestStores.small());
    topic.group("g", config().build());
    elapse(HOUR);
    send(message("a1").timeToLive(MINUTE).build());
    elapse(MINUTE.plus(SECOND));
    assertEquals(List.of("a1 expired"), reasons());
    send(message("a2").timeToLive(MINUTE).build());
    elapse(MINUTE.plus(SECOND));
    assertEquals(List.of("a1 expired", "a2 expired"), reasons());
  }

  @Test
  void whatAnEarlierProcessSentEndsAfterADeathToo() {
    open(TestStores.small());
    topic.group("g", config().build());
    send(message("a1").timeToLive(MINUTE).build());
    die();
    elapse(SECOND);
    assertEquals(List.of(), reasons());
    elapse(MINUTE.plus(SECOND));
    assertEquals(List.of("a1 expired"), reasons());
    reopen();
    elapse(HOUR);
    assertEquals(List.of("a1 expired"), reasons());
  }

  @Test
  void aPausedGroupIsRidOfWhatIsTooOld() {
    open(hour().onExpiry(OnExpiry.DROP));
    Group group = topic.group("g", config().build());
    group.pause();
    send("a1", "a2");
    elapse(HOUR.plus(SECOND));
    assertEquals(2, stats().expired());
    assertEquals(0, stats().unfinished());
    group.resume();
    send("a3");
    assertEquals(List.of("a3"), texts(receive()));
  }

  @Test
  void aRetryEndsWhenItIsDueAndTooOld() {
    open(hour());
    topic.group("g", config().build());
    send("a1");
    receive().get(0).release(HOUR);
    elapse(HOUR.plus(SECOND));
    assertEquals(List.of("a1 expired"), reasons());
    assertEquals(0, stats().retrying());
  }

  @Test
  void oneThatMayStillBeHandedOutStandsInTheWayOfThoseBehind() {
    open(TestStores.small());
    topic.group("g", config().build());
    send(message("a1").build(), message("b1").timeToLive(MINUTE).build());
    elapse(HOUR);
    assertEquals(List.of(), reasons());
    assertEquals(List.of("a1"), texts(receive()));
    settle();
    assertEquals(List.of("b1 expired"), reasons());
  }

  @Test
  void oneThatHasTheTurnAndWasDroppedDoesNotExpire() {
    open(hour().maxMessages(3).onFull(OnFull.dropOldest()));
    topic.group("g", config().ordering(Ordering.byKey()).build());
    send("a1", "a2", "b1");
    assertEquals(List.of("a1", "b1"), texts(receive().stream().peek(this::ackFirst).toList()));
    send("a3", "c1"); // a2 has the turn of its key, and makes room
    assertEquals(1, stats().dropped());
    elapse(HOUR.plus(SECOND));
    assertEquals(2, stats().expired());
    assertEquals(List.of("a3 expired", "c1 expired"), reasons());
    assertEquals(1, stats().unfinished(), "b1 is out");
  }

  private void ackFirst(Delivery delivery) {
    if (delivery.offset() == 0) {
      delivery.ack();
    }
  }

  @Test
  void moreThanOneStepTakesEndInSeveral() {
    open(hour().onExpiry(OnExpiry.DROP));
    topic.group("g", config().build());
    send(IntStream.range(0, 10_000).mapToObj(i -> message("-").build()).toArray(Message[]::new));
    clock.advance(HOUR.plus(SECOND));
    for (int step = 0; step < 3; step++) {
      engine.tick(); // each ends 4,096 of them, as does the engine's own timer meanwhile
    }
    assertEquals(10_000, stats().expired());
  }
}
