package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.ConfigurationMismatchException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is too old is not handed out, first or again; what is out stays out. */
class ExpiryTest extends ExpiryFixture {
  @Test
  void aMessageThatIsTooOldIsADeadLetterAndNotADelivery() {
    open(hour());
    topic.group("g", config().build());
    send("a1");
    clock.advance(Duration.ofMinutes(30));
    send("b1");
    clock.advance(Duration.ofMinutes(30));
    assertEquals(List.of("b1"), texts(receive()));
    Message letter = letters().get(0);
    assertEquals("expired", letter.header("dlq.reason").orElseThrow());
    assertEquals("expired", letter.header("dlq.error.class").orElseThrow());
    assertEquals("0", letter.header("dlq.attempts").orElseThrow());
    assertTrue(letter.header("dlq.consumer").isEmpty());
    assertEquals(1, letters().size());
    GroupStats stats = stats();
    assertEquals(1, stats.expired());
    assertEquals(1, stats.dead());
    assertEquals(1, stats.lowWaterMark());
  }

  @Test
  void aMessageLivesToTheLastMillisecond() {
    open(hour());
    topic.group("g", config().build());
    send("a1");
    clock.advance(HOUR.minusMillis(1));
    assertEquals(List.of("a1"), texts(receive()));
  }

  @Test
  void theEarlierOfAgeAndOwnTimeCounts() {
    open(hour());
    topic.group("g", config().build());
    send(
        message("a1").timeToLive(MINUTE).build(),
        message("b1").timeToLive(HOUR.multipliedBy(2)).build(),
        message("c1").deliverAt(Instant.ofEpochMilli(clock.time() + 60_000)).build());
    clock.advance(HOUR);
    assertEquals(List.of("c1"), texts(receive()), "its age counts from its deliverAt");
    assertEquals(List.of("a1 expired", "b1 expired"), reasons());
    String own = letters().get(0).header("dlq.expires-at").orElseThrow();
    assertEquals("2023-11-14T22:14:20Z", own);
    assertTrue(letters().get(0).expiresAt().isEmpty());
  }

  @Test
  void whatIsDroppedIsCountedAndNothingElse() {
    open(hour().onExpiry(OnExpiry.DROP));
    topic.group("g", config().build());
    send("a1", "a2");
    clock.advance(HOUR);
    send("a3");
    assertEquals(List.of("a3"), texts(receive()));
    assertEquals(2, stats().expired());
    assertEquals(0, stats().dead());
    assertEquals(2, stats().lowWaterMark());
    die();
    assertEquals(2, stats().expired());
    assertEquals(List.of("a3"), texts(receive()));
    assertEquals(List.of(), letters());
  }

  @Test
  void whatIsDroppedIsToldAndADeadLetterIsNot() {
    open(hour().onExpiry(OnExpiry.DROP));
    topic.group("g", config().build());
    send("a1", "a2", "a3", "b1");
    receive(2).get(0).release(HOUR);
    clock.advance(HOUR);
    receive();
    topic = engine.topic("letters", hour().build());
    topic.group("h", config().build());
    send("a1");
    clock.advance(HOUR);
    engine.group("h").consumer("c").receive(1, AT_ONCE);
    engine.close();
    long count = 0;
    for (EngineEvent event : told) { // the timer may have done a step, too
      EngineEvent.MessagesLost lost = (EngineEvent.MessagesLost) event;
      assertEquals("g t EXPIRY", lost.group() + " " + lost.topic() + " " + lost.cause());
      assertTrue(lost.from() >= 0 && lost.to() <= 4, lost::toString);
      assertTrue(lost.to() - lost.from() >= lost.count(), lost::toString);
      count += lost.count();
    }
    assertEquals(3, count, told::toString);
  }

  @Test
  void whatIsOutDoesNotExpire() {
    open(hour());
    topic.group("g", config().build());
    send("a1");
    Delivery delivery = receive().get(0);
    clock.advance(HOUR.multipliedBy(3));
    engine.tick();
    assertEquals(Settled.DONE, delivery.extend());
    assertEquals(Settled.DONE, delivery.ack());
    assertEquals(0, stats().expired());
    assertEquals(1, stats().lowWaterMark());
  }

  @Test
  void aRetryThatIsTooOldEndsWithTheErrorOfItsLastTry() {
    open(hour());
    topic.group("g", config().build());
    send("a1", "b1");
    List<Delivery> got = receive();
    got.get(0).nack(new IllegalStateException("no stock"), HOUR);
    got.get(1).release(HOUR);
    clock.advance(HOUR);
    assertEquals(List.of(), texts(receive()));
    settle();
    assertEquals(List.of("a1 expired", "b1 expired"), reasons());
    Message letter = letters().get(0);
    assertEquals(
        "java.lang.IllegalStateException", letter.header("dlq.error.class").orElseThrow());
    assertEquals("1", letter.header("dlq.failures").orElseThrow());
    assertEquals("c", letter.header("dlq.consumer").orElseThrow());
    assertEquals("expired", letters().get(1).header("dlq.error.class").orElseThrow());
    assertEquals(2, stats().lowWaterMark());
  }

  @Test
  void anAckThatComesAfterTheEndIsTooLate() {
    open(hour());
    topic.group("g", config().ackTimeout(MINUTE).build());
    send("a1", "b1");
    List<Delivery> got = receive();
    pass(MINUTE);
    assertEquals(Settled.DONE, got.get(1).ack(), "it was late, and nobody had it");
    clock.advance(HOUR);
    assertEquals(List.of(), texts(receive()));
    settle();
    assertEquals(Settled.STALE, got.get(0).ack());
    assertEquals(List.of("a1 expired"), reasons());
  }

  @Test
  void aRetryThatIsDroppedFreesItsSlot() {
    open(hour().onExpiry(OnExpiry.DROP));
    topic.group("g", config().maxRetrying(1).build());
    send("a1", "b1");
    receive(1).get(0).nack(new Exception(), HOUR);
    clock.advance(HOUR);
    send("c1");
    assertEquals(List.of("c1"), texts(receive()));
    assertEquals(2, stats().expired());
    assertEquals(0, stats().retrying());
    assertEquals(2, stats().lowWaterMark());
  }

  @Test
  void aSuspectThatIsTooOldMakesRoomForTheNext() {
    open(hour());
    topic.group("g", config().build());
    send("a1");
    clock.advance(Duration.ofMinutes(30));
    send("b1");
    receive();
    die();
    clock.advance(Duration.ofMinutes(30));
    assertEquals(List.of("b1"), texts(receive()));
    assertEquals(List.of("a1 expired"), reasons());
    assertEquals(1, stats().lowWaterMark());
  }

  @Test
  void aMessageThatExpiresWhileItWaitsForItsKeyGivesTheTurnOn() {
    for (OnExpiry onExpiry : OnExpiry.values()) {
      open(hour().onExpiry(onExpiry));
      topic.group("g", config().ordering(Ordering.byKey()).build());
      send("a1");
      clock.advance(Duration.ofMinutes(1));
      send("a2", "b1");
      clock.advance(Duration.ofMinutes(1));
      send("a3");
      List<Delivery> got = receive();
      assertEquals(List.of("a1", "b1"), texts(got));
      clock.advance(Duration.ofMinutes(59));
      assertEquals(Settled.DONE, got.get(0).ack());
      List<Delivery> next = new ArrayList<>(receive());
      settle(); // a2 has the key until its letter is written
      next.addAll(receive());
      assertEquals(List.of("a3"), texts(next), onExpiry.toString());
      assertEquals(1, stats().expired());
      engine.close();
      TestStores.delete(dir.resolve("store"));
    }
    open(hour());
  }

  @Test
  void aMessageThatWasNotMetYetExpiresWithoutWaitingForItsKey() {
    open(hour());
    topic.group("g", config().ordering(Ordering.byKey()).build());
    send("a1");
    Delivery first = receive().get(0);
    send("a2");
    clock.advance(HOUR);
    send("a3");
    assertEquals(List.of(), texts(receive()));
    settle();
    assertEquals(List.of("a2 expired"), reasons());
    first.ack();
    assertEquals(List.of("a3"), texts(receive()));
  }

  @Test
  void inATotalOrderTheNextTakesTheTurn() {
    open(hour());
    topic.group("g", config().ordering(Ordering.total()).build());
    send("a1", "b1");
    clock.advance(Duration.ofMinutes(30));
    send("c1", "d1");
    Delivery first = receive().get(0);
    clock.advance(Duration.ofMinutes(30));
    first.nack(new Exception(), Duration.ZERO);
    receive();
    settle();
    List<Delivery> got = receive();
    assertEquals(List.of("c1"), texts(got));
    assertEquals(List.of("a1 expired", "b1 expired"), reasons());
    got.get(0).ack();
    assertEquals(List.of("d1"), texts(receive()));
  }

  @Test
  void whatIsTooOldPoisonsNoKey() {
    open(hour());
    Ordering restFollows =
        Ordering.byKey().withOnPoison(Ordering.OnPoison.DEAD_LETTER_REST_OF_KEY);
    topic.group("g", config().ordering(restFollows).build());
    send("a1");
    clock.advance(HOUR);
    send("a2");
    assertEquals(List.of("a2"), texts(receive()));
    assertEquals(List.of("a1 expired"), reasons());
    assertTrue(engine.group("g").poisonedKeys("t").isEmpty());
  }

  @Test
  void deadLettersAndWhatComesBackFromThereDoNotExpire() {
    open(hour());
    topic.group("g", config().build());
    send(message("a1").timeToLive(MINUTE).build());
    clock.advance(HOUR);
    assertEquals(List.of(), texts(receive()));
    settle();
    engine.topic("t.g.dlq").group("later", config().build());
    clock.advance(HOUR.multipliedBy(100));
    engine.tick();
    assertTrue(engine.topic("t.g.dlq").config().maxAge().isEmpty());
    List<Delivery> got = engine.group("later").consumer("c").receive(10, AT_ONCE);
    assertEquals(List.of("a1"), texts(got));
    DeadLetterFilter expired = DeadLetterFilter.all().withReason("expired");
    assertEquals(
        1, engine.group("g").redrive("t", expired, RedriveConfig.defaults()).redriven());
    clock.advance(HOUR.multipliedBy(100));
    engine.tick();
    assertEquals(List.of("a1"), texts(receive()));
  }

  @Test
  void aClockThatJumpedThrowsNothingAway() {
    open(hour());
    topic.group("g", config().build());
    send("a1", "b1");
    clock.jump(Duration.ofDays(365));
    engine.tick();
    assertEquals(List.of("a1"), texts(receive(1)));
    clock.jump(Duration.ofDays(-365));
    engine.tick();
    clock.advance(HOUR);
    assertEquals(List.of(), texts(receive()), "it has come back");
    assertEquals(List.of("b1 expired"), reasons());
    clock.jump(Duration.ofDays(365));
    send("c1");
    clock.advance(HOUR);
    assertEquals(List.of("c1"), texts(receive(1)));
    send("d1");
    clock.advance(HOUR);
    engine.trustClock();
    assertEquals(List.of(), texts(receive()));
    engine.close();
    assertEquals(2, told.size(), told::toString);
    assertTrue(told.get(0) instanceof EngineEvent.ClockJumped, told::toString);
  }

  @Test
  void eachGroupEndsItForItself() {
    open(hour());
    topic.group("g", config().build());
    topic.group("h", config().build());
    send("a1");
    List<Delivery> out = engine.group("h").consumer("c").receive(1, AT_ONCE);
    clock.advance(HOUR);
    assertEquals(List.of(), texts(receive()));
    assertEquals(1, stats().expired());
    assertEquals(Settled.DONE, out.get(0).ack());
    assertEquals(0, engine.group("h").lag().get(0).expired());
  }

  @Test
  void manyThatAreTooOldEndInStepsOfOneReceive() {
    open(hour().onExpiry(OnExpiry.DROP));
    topic.group("g", config().build());
    send(
        IntStream.range(0, 10_000)
            .mapToObj(i -> message("a" + i).build())
            .toArray(Message[]::new));
    clock.advance(HOUR);
    send("b1");
    assertEquals(
        List.of("b1"), texts(engine.group("g").consumer("c").receive(10, TestStores.SOON)));
    assertEquals(10_000, stats().expired());
  }

  @Test
  void aTopicKeepsWhatItWasMadeWith() {
    open(hour().onExpiry(OnExpiry.DROP));
    reopen();
    assertEquals(HOUR, topic.config().maxAge().orElseThrow());
    assertEquals(OnExpiry.DROP, topic.config().onExpiry());
    engine.topic("t", hour().onExpiry(OnExpiry.DROP).build());
    assertThrows(
        ConfigurationMismatchException.class,
        () -> engine.topic("t", hour().build()));
    assertThrows(IllegalArgumentException.class, () -> hour().maxAge(Duration.ZERO));
  }
}
