package io.holdfast.engine.fuzz;

import io.holdfast.storage.MemoryTempDir;
import io.holdfast.storage.fuzz.FuzzCorpus;
import io.holdfast.storage.fuzz.FuzzRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fuzzes whatever the engine parses; see {@link FuzzRun} for its properties. */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class FuzzTest {
  @TempDir(factory = MemoryTempDir.class)
  Path scratch;

  @ParameterizedTest
  @ValueSource(classes = {AttributesFuzz.class, GroupFuzz.class, GroupOpenFuzz.class})
  void whatWasFoundOnceIsNotFoundAgain(Class<?> target) {
    new FuzzCorpus(target).replay();
  }

  @Test
  void theKeptInputsNeedLittleMemory() throws IOException, InterruptedException {
    run().replay();
  }

  @Test
  void newInputsFindNothing() throws IOException, InterruptedException {
    run().fuzz();
  }

  private FuzzRun run() {
    return new FuzzRun(
        scratch, List.of(AttributesFuzz.class, GroupFuzz.class, GroupOpenFuzz.class));
  }
}
