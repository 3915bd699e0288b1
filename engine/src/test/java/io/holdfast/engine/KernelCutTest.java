package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.holdfast.storage.kernel.LoopDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cuts the power under a process that produces, consumes and drops, on a file system of a real
 * kernel, many times over on one store; each life must find what was promised in the ones before.
 * The boot id stays the same there, as it does not after a cut of a real machine's power: nothing
 * that the store does may depend on it.
 */
class KernelCutTest {
  private static final System.Logger LOG = System.getLogger(KernelCutTest.class.getName());

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  @Timeout(value = 6, unit = TimeUnit.HOURS)
  void aPowerCutTakesNothingThatWasPromised(String fileSystem) throws Exception {
    long seed = Long.getLong("holdfast.kernel.seed", System.nanoTime());
    int cuts = Integer.getInteger("holdfast.kernel.cuts", 3);
    try (LoopDisk disk = made(fileSystem)) {
      CutRun run = new CutRun(disk, seed);
      for (int cut = 0; cut < cuts && run.violations().isEmpty(); cut++) {
        run.cut();
      }
      if (run.violations().isEmpty()) {
        run.drain();
      }
      String line =
          "KernelCutTest: %s on %s; -Dholdfast.kernel.cuts=%d -Dholdfast.kernel.seed=%d"
              .formatted(run, fileSystem, cuts, seed);
      LOG.log(System.Logger.Level.INFO, line);
      assertEquals("", run.violations(), line);
      assertTrue(cuts == 1 || run.confirmed() > 0, "nothing happened"); // the second one is at work
    }
  }

  private LoopDisk made(String fileSystem) {
    try {
      return LoopDisk.make(directory, fileSystem);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.INFO, "skipped, no loop device with " + fileSystem + ": " + e);
      return abort("no loop device with " + fileSystem + ": " + e);
    }
  }
}
