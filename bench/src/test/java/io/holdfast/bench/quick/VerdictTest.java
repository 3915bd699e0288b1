package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static String line(double median, Bound bound) {
    Spread spread = new Spread(median, 1.5, 250, 5);
    return new Verdict("P1", "a/b", Optional.of(spread), bound).toString();
  }

  @Test
  void theMedianIsHeldAgainstTheBound() {
    assertEquals(
        "P1 a/b 4.20 (target >= 4; 1.50 to 250 in 5 rounds) PASS", line(4.2, Bound.atLeast(4)));
    assertEquals(
        "P1 a/b 3.90 (target >= 4; 1.50 to 250 in 5 rounds) MISS", line(3.9, Bound.atLeast(4)));
    assertEquals(
        "P1 a/b 1.30 (target <= 1.3; 1.50 to 250 in 5 rounds) PASS",
        line(1.3, Bound.atMost(1.3)));
    assertEquals(
        "P1 a/b 21.0 us (target <= 20 us; 1.50 to 250 in 5 rounds) MISS",
        line(21, Bound.atMost(20).in("us")));
  }

  @Test
  void whatWasNotMeasuredIsNeitherPassNorMiss() {
    assertEquals(
        "P4 a/b - (target >= 3) NOT MEASURED",
        new Verdict("P4", "a/b", Optional.empty(), Bound.atLeast(3)).toString());
  }

  @Test
  void aRatioToNothingIsNoPass() {
    assertEquals(
        "P1 a/b Infinity (target <= 0.5; 1.50 to 250 in 5 rounds) MISS",
        line(Double.POSITIVE_INFINITY, Bound.atMost(0.5)));
  }
}
