package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.engine.EngineEvent.Cause;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md about time and events, to the letter. */
class GuideTimeTest {
  @TempDir Path directory;

  @Test
  void listener() {
    List<String> alarms = Collections.synchronizedList(new ArrayList<>());
    // region listener
    EngineConfig config =
        EngineConfig.defaults()
            .withListener(
                event -> {
                  if (event instanceof EngineEvent.MessagesLost lost) {
                    alarms.add(lost.group() + " has lost " + lost.count() + " messages");
                  }
                });
    // endregion
    try (Engine engine = Engine.open(directory, config)) {
      engine
          .context("billing", GroupConfig.defaults(), step -> {})
          .events()
          .tell(new EngineEvent.MessagesLost("billing", "t", 0, 5, 4, Cause.DAMAGE));
    }
    assertEquals(List.of("billing has lost 4 messages"), alarms);
  }
}
