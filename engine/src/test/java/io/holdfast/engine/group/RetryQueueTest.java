package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What waits to be handed out again, suspects and others. */
class RetryQueueTest {
  private static final long PLAIN = SlotWord.withState(0, SlotState.AVAILABLE);
  private static final long SUSPECT = SlotWord.suspect(0);

  private final RetryQueue queue = new RetryQueue();

  @Test
  void aSuspectThatIsDueDoesNotHideWhatIsDueLater() {
    queue.add(1, SUSPECT, 0, 10);
    queue.add(2, PLAIN, 500, 11);
    assertEquals(0, queue.firstDue());
    assertEquals(500, queue.nextDue(100));
    assertEquals(Long.MAX_VALUE, queue.nextDue(500));
  }

  @Test
  void suspectsAndOthersAreDueApart() {
    queue.add(1, SUSPECT, 200, 10);
    queue.add(2, PLAIN, 100, 11);
    assertTrue(queue.isOtherDue(100));
    assertFalse(queue.isSuspectDue(100));
    assertEquals(2, queue.firstOther());
    assertEquals(1, queue.firstSuspect());
    queue.remove(1);
    assertFalse(queue.isSuspectDue(1_000));
    queue.remove(2);
    assertEquals(0, queue.size());
    assertEquals(Long.MAX_VALUE, queue.nextDue(0));
  }
}
