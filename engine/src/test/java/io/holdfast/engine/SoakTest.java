package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.MemoryTempDir;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that works for long holds no more than one that has worked a while.
 *
 * <p>{@code -Dholdfast.soak.rate=n} sends so many messages a second; 0 as many as go through, which
 * is what a run of more than a minute does.
 */
@Timeout(value = 6, unit = TimeUnit.HOURS)
class SoakTest {
  private static final long MINUTE = 60;
  private static final long STEADY = 100_000; // messages a second, beside other tests

  /** In memory, as far as the machine has it: an hour writes hundreds of gigabytes. */
  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void whatAProcessHoldsStaysFlat() throws Exception {
    long seed = Long.getLong("holdfast.soak.seed", System.nanoTime() % 1_000_000);
    long seconds = Long.getLong("holdfast.soak.seconds", 60);
    long rate = Long.getLong("holdfast.soak.rate", seconds > MINUTE ? 0 : STEADY);
    Process child = SoakChild.start(directory, seconds, rate, seed);
    try {
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      System.out.printf(
          "SoakTest: %d s, %s;"
              + " -Dholdfast.soak.seconds=%d -Dholdfast.soak.rate=%d -Dholdfast.soak.seed=%d%n",
          seconds, said.strip(), seconds, rate, seed);
      assertEquals(0, child.waitFor(), said);
    } finally {
      child.destroyForcibly().waitFor();
    }
  }
}
