package io.holdfast.engine;

import io.holdfast.storage.Durability;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random operations on a group, with crashes, against a small reference of the table of states and
 * events. A failure prints the seed; {@code -Dholdfast.model.seed=N} replays it.
 */
class ModelTest {
  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "processCrash, NONE", "powerLoss, NONE", "processCrash, BY_KEY", "powerLoss, BY_KEY",
    "processCrash, TOTAL"
  })
  void theGroupDoesWhatTheTableSays(String durability, Ordering.Kind order) {
    Long replayed = Long.getLong("holdfast.model.seed");
    int usual = Integer.getInteger("holdfast.model.runs", durability.equals("powerLoss") ? 1 : 3);
    int runs = replayed != null ? 1 : usual;
    for (int i = 0; i < runs; i++) {
      long seed = replayed != null ? replayed : System.nanoTime() + i;
      System.out.println(
          "ModelTest " + durability + " " + order + " -Dholdfast.model.seed=" + seed);
      Ordering ordering = new Ordering(order, Ordering.OnPoison.SKIP, ModelRun.LOOKAHEAD);
      Path place = dir.resolve(durability + i);
      new ModelRun(seed, Durability.parse(durability), ordering, place).play();
    }
  }
}
