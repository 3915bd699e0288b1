package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Dead letters are counted by their causes, and only so many causes are told apart. */
class DeadLetterTallyTest {
  private final DeadLetterTally tally = new DeadLetterTally();
  private long offset;

  private void die(String errorClass, String message, String reason, long second) {
    Map<String, String> headers =
        Map.of(
            "dlq.error.class", errorClass, "dlq.error.message", message, "dlq.reason", reason);
    tally.add(new DeadLetter(offset++, null, headers, Instant.ofEpochSecond(second), 0));
  }

  @Test
  void theCauseOfTheMostLettersComesFirst() {
    die("Rare", "once", "fatal", 5);
    die("Often", "order 1", "attempts", 7);
    die("Often", "order 2", "crash", 3);
    die("Often", "order 3", "attempts", 4);
    DeadLetterSummary summary = tally.summary();
    assertEquals(4, summary.letters());
    assertEquals(0, summary.others());
    assertEquals(
        List.of(
            new DeadLetterCause(
                Fingerprint.of("Often", "order 9", ""),
                "Often",
                "order 1",
                new TreeSet<>(Set.of("attempts", "crash")),
                3,
                Instant.ofEpochSecond(3),
                Instant.ofEpochSecond(7)),
            new DeadLetterCause(
                Fingerprint.of("Rare", "once", ""),
                "Rare",
                "once",
                new TreeSet<>(Set.of("fatal")),
                1,
                Instant.ofEpochSecond(5),
                Instant.ofEpochSecond(5))),
        summary.causes());
  }

  @Test
  void lettersOfMoreCausesAreCountedTogether() {
    for (int i = 0; i < DeadLetterSummary.MAX_CAUSES + 5; i++) {
      die("Class" + i, "", "attempts", i);
    }
    die("Class0", "", "attempts", 0);
    DeadLetterSummary summary = tally.summary();
    assertEquals(DeadLetterSummary.MAX_CAUSES + 6, summary.letters());
    assertEquals(DeadLetterSummary.MAX_CAUSES, summary.causes().size());
    assertEquals(5, summary.others());
    assertEquals("Class0", summary.causes().get(0).errorClass());
    assertEquals(2, summary.causes().get(0).count());
  }
}
