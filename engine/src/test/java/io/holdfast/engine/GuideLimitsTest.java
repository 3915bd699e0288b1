package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/guide.md about retention and limits, to the letter. */
class GuideLimitsTest {
  @TempDir Path directory;

  @Test
  void limits() {
    // region limits
    TopicConfig config =
        TopicConfig.builder()
            .retention(Retention.untilConsumed().atMost(Duration.ofDays(7)))
            .maxMessages(100_000)
            .onFull(OnFull.reject())
            .build();
    // endregion
    try (Engine engine = Engine.open(directory)) {
      assertEquals(config, engine.topic("orders", config).config());
    }
  }
}
