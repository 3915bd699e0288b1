package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.MemoryTempDir;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that works for long holds no more than one that has worked a while. */
@Timeout(value = 6, unit = TimeUnit.HOURS)
class SoakTest {
  /** In memory, as far as the machine has it: an hour writes hundreds of gigabytes. */
  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void whatAProcessHoldsStaysFlat() throws Exception {
    long seed = Long.getLong("holdfast.soak.seed", System.nanoTime() % 1_000_000);
    long seconds = Long.getLong("holdfast.soak.seconds", 60);
    SoakRun run = new SoakRun(directory, seed);
    try {
      run.run(seconds);
    } finally {
      System.out.printf(
          "SoakTest: %d s, %s; -Dholdfast.soak.seconds=%d -Dholdfast.soak.seed=%d%n",
          seconds, run, seconds, seed);
    }
    assertTrue(run.recycled() > 0, "nothing was recycled");
  }
}
