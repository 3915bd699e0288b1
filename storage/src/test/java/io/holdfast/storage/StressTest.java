package io.holdfast.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What readers see while everything happens at once that may; see {@link StressRun}. */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class StressTest {
  private static final List<String> LEVELS =
      List.of("processCrash", "powerLoss", "interval:PT0.02S");
  private static final int OPENINGS = 4;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  static List<String> levels() {
    return LEVELS;
  }

  /** The seconds are those of all levels together. */
  @ParameterizedTest
  @MethodSource("levels")
  void everyReaderSeesWhatTheWritersWereTold(String level) throws Exception {
    long seed = Long.getLong("holdfast.stress.seed", System.nanoTime() % 1_000_000);
    long seconds = Long.getLong("holdfast.stress.seconds", 10);
    System.out.printf(
        "StressTest: %s, a third of %d s on Java %s (-Dholdfast.stress.seconds=%d"
            + " -Dholdfast.stress.seed=%d)%n",
        level, seconds, Runtime.version().feature(), seconds, seed);
    StressRun run = new StressRun(directory, Durability.parse(level), seed);
    try {
      run.run(TimeUnit.SECONDS.toNanos(seconds) / LEVELS.size(), OPENINGS);
    } finally {
      System.out.printf("StressTest: %s: %s%n", level, run.counts());
    }
  }
}
