package io.holdfast.storage.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.stream.Collectors;

/** Compares what a checker found with the faults that were put into a history. */
final class Judgement {
  private Judgement() {}

  /** These and no others, each once or more. */
  static void assertFound(History history, Fault... faults) {
    Set<Fault> found =
        history.violations().stream().map(Violation::fault).collect(Collectors.toSet());
    assertEquals(Set.of(faults), found, () -> history.violations().toString());
  }
}
