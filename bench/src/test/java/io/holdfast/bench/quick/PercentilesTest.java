package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
  private final Percentiles hundred =
      new Percentiles(LongStream.rangeClosed(1, 100).map(i -> 101 - i).toArray());

  @Test
  void aPercentileIsTheLeastThatItsShareDoesNotExceed() {
    assertEquals(50, hundred.at(0.5));
    assertEquals(90, hundred.at(0.9));
    assertEquals(99, hundred.at(0.99));
    assertEquals(100, hundred.at(1));
    assertEquals(1, hundred.at(0));
  }

  @Test
  void whatIsAboveABoundIsAShareOfAll() {
    assertEquals(0.1, hundred.shareAbove(90));
    assertEquals(0, hundred.shareAbove(100));
  }
}
