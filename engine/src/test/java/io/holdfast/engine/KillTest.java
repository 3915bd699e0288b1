package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.MemoryTempDir;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills a process that produces and consumes, many times over on one store, at random moments and
 * before chosen calls; what it said before is held against what the store has. See {@link KillRun}.
 */
class KillTest {
  private static final int ENOUGH = 30;

  /** In memory, as far as the machine has it: a killed process loses nothing of a page cache. */
  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  /** The cycles are those of both levels together. */
  @ParameterizedTest
  @CsvSource({"processCrash, 60", "powerLoss, 40"})
  @Timeout(value = 12, unit = TimeUnit.HOURS)
  void aKillLosesNothingConfirmedAndRepeatsNothingAcked(String level, int percent)
      throws Exception {
    long seed = Long.getLong("holdfast.kill.seed", System.nanoTime() % 1_000_000);
    int cycles = Integer.getInteger("holdfast.kill.cycles", 100);
    int kills = Math.max(1, cycles * percent / 100);
    KillRun run = new KillRun(directory, Durability.parse(level), seed);
    try {
      run.run(kills);
    } finally {
      System.out.printf(
          "KillTest: %s: %,d kills %s; -Dholdfast.kill.cycles=%d -Dholdfast.kill.seed=%d%n",
          level, kills, run.counts(), cycles, seed);
    }
    boolean few = kills < ENOUGH; // which may all have died in an opening
    boolean worked = run.acked() > kills && run.inOrder() > kills && run.expired() > kills / 10;
    boolean failed = run.letters() - run.expired() > kills / 10;
    assertTrue(few || worked && failed, "nothing happened");
  }
}
