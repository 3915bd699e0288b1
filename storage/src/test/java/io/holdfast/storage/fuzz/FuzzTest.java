package io.holdfast.storage.fuzz;

import io.holdfast.storage.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fuzzes whatever parses bytes from the disk; see {@link FuzzRun} for its properties. */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class FuzzTest {
  @TempDir(factory = MemoryTempDir.class)
  Path scratch;

  @ParameterizedTest
  @ValueSource(
      classes = {TopicFuzz.class, OpenFuzz.class, SalvageFuzz.class, PropertiesFuzz.class})
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
        scratch,
        List.of(TopicFuzz.class, OpenFuzz.class, SalvageFuzz.class, PropertiesFuzz.class));
  }
}
