package io.holdfast.tools;

import io.holdfast.storage.MemoryTempDir;
import io.holdfast.storage.fuzz.FuzzRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fuzzes the tools, over stores and command lines; see {@link FuzzRun} for its properties. */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class FuzzTest {
  @TempDir(factory = MemoryTempDir.class)
  Path scratch;

  @Test
  void whatWasFoundOnceIsNotFoundAgainInLittleMemory() throws IOException, InterruptedException {
    run().replay();
  }

  @Test
  void newInputsFindNothing() throws IOException, InterruptedException {
    run().fuzz();
  }

  private FuzzRun run() {
    return new FuzzRun(scratch, List.of(ToolsFuzz.class, WordsFuzz.class));
  }
}
