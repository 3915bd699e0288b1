package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StallsTest {
  private static final long WINDOW = Stalls.WINDOW_NANOS;
  private static final long START = -3 * WINDOW; // the clock may be negative

  private final Stalls stalls = new Stalls(START, START + 10 * WINDOW);

  private boolean at(long window) {
    return stalls.at(START + window * WINDOW + 1);
  }

  @Test
  void theWindowsOfAStallAndTheNextAreLeftOut() {
    stalls.mark(START + 2 * WINDOW + 5, START + 3 * WINDOW + 5);
    assertFalse(at(1));
    assertTrue(at(2) && at(3) && at(4));
    assertFalse(at(5));
  }

  @Test
  void whatAnotherThreadSawCountsToo() {
    Stalls other = new Stalls(START, START + 10 * WINDOW);
    other.mark(START, START + 1);
    stalls.add(other);
    assertTrue(at(0));
  }

  @Test
  void aStallBeyondTheRunIsNobodys() {
    stalls.mark(START - 5 * WINDOW, START - 4 * WINDOW);
    stalls.mark(START + 20 * WINDOW, START + 30 * WINDOW);
    for (int window = 0; window < 10; window++) {
      assertFalse(at(window));
    }
  }
}
