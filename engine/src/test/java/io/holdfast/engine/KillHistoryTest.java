package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The judge of the kill test must see each fault that it is there to see. */
class KillHistoryTest {
  private static List<String> judge(List<String> lines, String... log) {
    KillHistory history = new KillHistory();
    lines.forEach(history::line);
    return history.judge(List.of(log));
  }

  private static void assertFault(String expected, List<String> found) {
    assertEquals(1, found.size(), found.toString());
    assertTrue(found.get(0).contains(expected), found.toString());
  }

  @Test
  void aGoodHistoryHasNoFault() {
    List<String> lines =
        List.of("READY", "SENT 0 a-1-0", "GOT 0 1 a-1-0", "GOT 0 2 a-1-0", "ACKED 0", "GOT 1");
    assertEquals(List.of(), judge(lines.subList(0, 5), "a-1-0", "a-1-1", "b-1-0"));
  }

  @Test
  void aLostMessageIsSeen() {
    assertFault("lost: offset 1", judge(List.of("SENT 1 a-1-1"), "a-1-0"));
  }

  @Test
  void anotherMessageAtAConfirmedOffsetIsSeen() {
    assertFault("confirmed x-1-0, holds a-1-0", judge(List.of("SENT 0 x-1-0"), "a-1-0"));
  }

  @Test
  void aDoubledMessageIsSeen() {
    List<String> found = judge(List.of(), "a-1-0", "a-1-0");
    assertTrue(found.contains("doubled: a-1-0"), found.toString());
  }

  @Test
  void aSkippedMessageIsSeen() {
    assertFault("reordered or skipped", judge(List.of(), "a-1-0", "a-1-2"));
  }

  @Test
  void aDeliveryAfterItsAckIsSeen() {
    assertFault(
        "came again", judge(List.of("GOT 0 1 a-1-0", "ACKED 0", "GOT 0 2 a-1-0"), "a-1-0"));
  }

  @Test
  void aForgottenAttemptIsSeen() {
    assertFault("attempt 1 after", judge(List.of("GOT 0 1 a-1-0", "GOT 0 1 a-1-0"), "a-1-0"));
  }

  @Test
  void anErrorOfTheChildIsSeen() {
    assertFault("FAILED", judge(List.of("FAILED java.lang.Error"), "a-1-0"));
  }
}
