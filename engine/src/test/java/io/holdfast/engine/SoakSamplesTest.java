package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each figure that grows all the time is told, and none that only moves to and fro. */
class SoakSamplesTest {
  private static final long MIB = 1 << 20;
  private static final int COUNT = 50;

  private static SoakSample sample(String grows, int i) {
    long noise = i % 3;
    return new SoakSample(
        60 * MIB + (grows.equals("heap") ? i * MIB / 4 : noise * MIB / 2),
        300 * MIB + (grows.equals("resident size") ? i * 3 * MIB : noise * 9 * MIB),
        400 + (grows.equals("mappings") ? 2 * i : 3 * noise),
        30 + (grows.equals("descriptors") ? i : noise),
        25 + (grows.equals("threads") ? i : noise),
        20 * MIB + (grows.equals("disk") ? i * MIB : 4 * noise * MIB));
  }

  private static List<String> growth(String grows) {
    SoakSample[] all =
        IntStream.range(0, COUNT).mapToObj(i -> sample(grows, i)).toArray(SoakSample[]::new);
    return SoakSamples.of(all).growth();
  }

  @Test
  void whatOnlyMovesIsFlat() {
    assertEquals(List.of(), growth("nothing"));
  }

  @ParameterizedTest
  @CsvSource({"heap", "resident size", "mappings", "descriptors", "threads", "disk"})
  void whatGrowsIsTold(String what) {
    List<String> growth = growth(what);
    assertEquals(1, growth.size(), growth.toString());
    assertTrue(growth.get(0).startsWith(what), growth.toString());
  }

  @Test
  void whatGrewOnlyInTheBeginningIsFlat() {
    SoakSamples samples = new SoakSamples();
    for (int i = 0; i < COUNT; i++) {
      samples.add(sample("heap", Math.min(i, COUNT * 2 / 5)));
    }
    assertEquals(List.of(), samples.growth());
  }
}
