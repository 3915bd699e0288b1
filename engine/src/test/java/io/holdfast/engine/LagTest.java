package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
  void aClockThatWentBackMakesItZero() {
    topic.group("g", config());
    send(0, 1);
    assertEquals(Duration.ZERO, stats().lag(now().minusSeconds(5)));
  }
}
