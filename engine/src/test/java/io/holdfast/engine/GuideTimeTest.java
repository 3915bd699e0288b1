package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.engine.EngineEvent.Cause;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md about time and events, to the letter. */
class GuideTimeTest {
  @TempDir Path directory;

  @Test
  void expiry() {
    try (Engine engine = Engine.open(directory)) {
      // region expiry
      Topic quotes =
          engine.topic(
              "quotes",
              TopicConfig.builder()
                  .maxAge(Duration.ofDays(1))
                  .onExpiry(OnExpiry.DROP)
                  .build());

      Message message =
          Message.builder("12.50".getBytes(UTF_8)).timeToLive(Duration.ofMinutes(5)).build();
      // endregion
      try (Producer producer = quotes.producer(ProducerConfig.named("p"))) {
        producer.send(message);
      }
      Group group = quotes.group("traders", GroupConfig.defaults());
      Delivery delivery = group.consumer("c").receive(1, Duration.ofSeconds(30)).get(0);
      Instant expiresAt = delivery.expiresAt().orElseThrow();
      assertEquals(
          Duration.ofMinutes(5).toMillis(),
          Duration.between(delivery.timestamp(), expiresAt).toMillis(),
          1_000);
    }
  }

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
