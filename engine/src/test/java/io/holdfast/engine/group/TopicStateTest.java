package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is known of a group's messages in memory. */
class TopicStateTest {
  @Test
  void whatIsSkippedIsInNobodysHands() {
    DoneBitmap done = new DoneBitmap(0);
    TopicState state = new TopicState(null, null, null, done, null, 1, 1);
    state.takeOver(5);
    state.takeOver(10);
    assertEquals(10, state.skipTo(10));
    assertTrue(state.isTakenOver(5), "it is done");
    done.restart(0);
    assertFalse(state.isTakenOver(5), "a leak of eight bytes for each message");
    assertTrue(state.isTakenOver(10));
  }
}
