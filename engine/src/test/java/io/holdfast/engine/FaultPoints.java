package io.holdfast.engine;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Which of the points at which something may fail a run takes: some, all, or one. */
final class FaultPoints {
  private static final String ALL = "all";

  private FaultPoints() {}

  /**
   * Reads the properties {@code holdfast.<harness>.points}, 100 where it is not given, and {@code
   * holdfast.<harness>.point}.
   *
   * @param all points from 0 on
   * @param seed of the choice
   */
  static List<Long> chosen(String harness, long all, long seed) {
    Long one = Long.getLong("holdfast." + harness + ".point");
    if (one != null) {
      return List.of(one);
    }
    String points = System.getProperty("holdfast." + harness + ".points", "100");
    return points.equals(ALL)
        ? LongStream.range(0, all).boxed().toList()
        : new Random(seed).longs(Long.parseLong(points), 0, all).boxed().toList();
  }
}
