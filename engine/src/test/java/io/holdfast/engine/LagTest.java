package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How far a group is behind, in time. */
class LagTest extends PositionFixture {
  private Instant now() {
    return Instant.ofEpochMilli(clock.time());
  }

  private GroupStats stats() {
    return engine.group("g").lag().get(0);
  }

  @Test
  void itIsTheAgeOfTheOldestMessageThatIsNotDone() {
    topic.group("g", config());
    assertEquals(Optional.empty(), stats().oldest());
    assertEquals(Duration.ZERO, stats().lag(now()));
    Instant first = now();
    send(0, 1);
    pass(Duration.ofSeconds(3));
    Instant second = now();
    send(1, 3);
    pass(Duration.ofSeconds(4));
    assertEquals(Optional.of(first), stats().oldest());
    assertEquals(Duration.ofSeconds(7), stats().lag(now()));
    List<Delivery> got = receive("g", 3);
    got.get(1).ack();
    assertEquals(Optional.of(first), stats().oldest(), "one behind it is done");
    got.get(0).ack();
    assertEquals(Optional.of(second), stats().oldest());
    assertEquals(Duration.ofSeconds(4), stats().lag(now()));
    reopen();
    assertEquals(Optional.of(second), stats().oldest());
    receive("g", 1).forEach(Delivery::ack);
    assertEquals(Optional.empty(), stats().oldest());
  }

  @Test
  void aSeekChangesIt() {
    Instant first = now();
    Group group = topic.group("g", config());
    send(0, 1);
    pass(Duration.ofSeconds(3));
    send(1, 2);
    receive("g", 2).forEach(Delivery::ack);
    group.seek("t", StartAt.earliest());
    assertEquals(Optional.of(first), stats().oldest());
    group.seek("t", StartAt.offset(1));
    assertEquals(Optional.of(now()), stats().oldest());
  }

  @Test
  void aMessageThatIsNotDueIsNoLagAndHidesNone() {
    topic.group("g", config());
    Instant due = now().plus(Duration.ofDays(14));
    sendAt(due);
    assertEquals(Optional.of(due), stats().oldest());
    assertEquals(Duration.ZERO, stats().lag(now()));
    pass(Duration.ofHours(1));
    assertEquals(Duration.ZERO, stats().lag(now()));
    Instant sent = now();
    send(1, 2);
    pass(Duration.ofSeconds(3));
    assertEquals(Optional.of(sent), stats().oldest(), "it stands behind the delayed one");
    receive("g", 1).forEach(Delivery::ack);
    assertEquals(Duration.ZERO, stats().lag(now()));
    clock.advance(Duration.between(now(), due).plusSeconds(5));
    assertEquals(Optional.of(due), stats().oldest());
    assertEquals(Duration.ofSeconds(5), stats().lag(now()));
  }

  @Test
  void manyMessagesThatAreNotDueHideNoneEither() {
    topic.group("g", config());
    List<Message> late =
        IntStream.range(0, 1_500)
            .mapToObj(i -> Message.builder(new byte[1]).delay(Duration.ofDays(1 + i % 3)).build())
            .toList();
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.sendAll(late);
    }
    receive("g", 1);
    Instant sent = now();
    send(0, 1);
    pass(Duration.ofSeconds(3));
    assertEquals(Optional.of(sent), stats().oldest());
  }

  private void sendAt(Instant due) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.send(Message.builder(new byte[1]).deliverAt(due).build());
    }
  }

  @Test
  void aClockThatWentBackMakesItZero() {
    topic.group("g", config());
    send(0, 1);
    assertEquals(Duration.ZERO, stats().lag(now().minusSeconds(5)));
  }
}
