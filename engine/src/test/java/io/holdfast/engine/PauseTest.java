package io.holdfast.engine;

import static io.holdfast.engine.TestStores.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A paused group hands nothing out, and everything else goes on. */
class PauseTest extends PositionFixture {
  @Test
  void nothingIsHandedOutUntilItIsResumedAlsoByTheNextProcess() {
    Group group = topic.group("g", config());
    send(0, 2);
    assertFalse(group.isPaused());
    group.pause();
    group.pause();
    assertEquals(List.of(), all("g"));
    reopen();
    assertTrue(engine.group("g").isPaused());
    assertEquals(List.of(), all("g"));
    engine.group("g").resume();
    engine.group("g").resume();
    assertEquals(List.of("m0", "m1"), all("g"));
    reopen();
    assertFalse(engine.group("g").isPaused());
    assertEquals(List.of("m0", "m1"), all("g"));
  }

  @Test
  void whatIsOutMayBeSettledAndLeasesRunOn() {
    Group group = topic.group("g", config());
    send(0, 3);
    List<Delivery> out = receive("g", 3);
    group.pause();
    assertEquals(Settled.DONE, out.get(0).ack());
    assertEquals(Settled.DONE, out.get(1).reject("no"));
    assertEquals(1, engine.topic("t.g.dlq").endOffset());
    pass(Duration.ofSeconds(10));
    assertEquals(1, group.lag().get(0).retrying(), "its lease has run out");
    pass(Duration.ofSeconds(10));
    assertEquals(List.of(), all("g"), "it is due");
    group.resume();
    assertEquals(List.of("m2"), all("g"));
  }

  @Test
  void aReceiveThatWaitsGoesOnWaitingAndIsWokenByTheResume() throws Exception {
    Group group = topic.group("g", config());
    group.pause();
    try (Waiting waiting = new Waiting(group, SOON)) {
      send(0, 1);
      waiting.looksAgain(() -> send(1, 2));
      assertFalse(waiting.isDone());
      group.resume();
      assertEquals(List.of("m0"), waiting.texts());
    }
  }

  @Test
  void otherGroupsAreNot() {
    topic.group("g", config()).pause();
    topic.group("h", config());
    send(0, 1);
    assertEquals(List.of("m0"), all("h"));
  }
}
