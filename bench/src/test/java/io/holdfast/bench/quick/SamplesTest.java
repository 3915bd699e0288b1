package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static final Row OURS = new Row("P1", "stream", "ours", Unit.RATE);
  private static final Row PEER = new Row("P1", "stream", "peer", Unit.RATE);

  private final Samples samples = new Samples();

  @Test
  void aRatioIsTakenRoundByRound() {
    samples.add(OURS, 0, 10);
    samples.add(PEER, 0, 5);
    samples.add(OURS, 1, 100); // a fast moment of the machine, for both
    samples.add(PEER, 1, 100);
    samples.add(OURS, 2, 12);
    samples.add(PEER, 2, 3);
    assertEquals(Optional.of(new Spread(2, 1, 4, 3)), samples.ratio(OURS, PEER));
  }

  @Test
  void aRoundThatOneOfTheTwoMissesDoesNotCount() {
    samples.add(OURS, 0, 10);
    samples.add(OURS, 1, 10);
    samples.add(PEER, 1, 10);
    assertEquals(1, samples.ratio(OURS, PEER).orElseThrow().rounds());
    assertTrue(samples.ratio(OURS, new Row("P1", "stream", "x", Unit.RATE)).isEmpty());
  }

  @Test
  void nothingOverNothingIsOneAndSomethingOverNothingInfinite() {
    samples.add(OURS, 0, 0);
    samples.add(PEER, 0, 0);
    assertEquals(1, samples.ratio(OURS, PEER).orElseThrow().median());
    samples.add(OURS, 0, 1);
    assertEquals(
        Double.POSITIVE_INFINITY, samples.ratio(OURS, PEER).orElseThrow().median());
  }
}
