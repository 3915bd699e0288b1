package io.holdfast.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/guide.md about where groups are; the guide shows these lines. */
class PositionsGuideTest {
  @TempDir Path dir;
  private Engine engine;
  private Group billing;

  @BeforeEach
  void open() {
    engine = Engine.open(dir);
    Topic orders = engine.topic("orders", TopicConfig.defaults());
    billing = orders.group("billing", GroupConfig.defaults());
    try (Producer producer = orders.producer(ProducerConfig.named("shop-1"))) {
      producer.send(Message.of("2 apples".getBytes(UTF_8)));
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private List<Delivery> receive() {
    return billing.consumer("worker-1").receive(10, Duration.ZERO);
  }

  @Test
  void start() {
    // region start
    Group audit = engine.group("audit", GroupConfig.defaults());
    audit.topics(StartAt.latest(), "orders");
    // endregion
    assertEquals(0, audit.lag().get(0).unfinished());
  }

  @Test
  void seek() {
    receive().forEach(Delivery::ack);
    // region seek
    StartAt anHourAgo = StartAt.time(Instant.now().minus(Duration.ofHours(1)));
    SeekReport plan = billing.previewSeek("orders", anHourAgo); // changes nothing
    SeekReport done = billing.seek("orders", anHourAgo);
    // endregion
    assertEquals(new SeekReport("orders", 1, 0, 1, 0, 0, 0), plan);
    assertEquals(plan, done);
    assertEquals(1, receive().size());
  }

  @Test
  void pause() {
    // region pause
    billing.pause();
    // endregion
    assertEquals(List.of(), receive());
    billing.resume();
    assertEquals(1, receive().size());
  }

  @Test
  void fork() {
    receive().forEach(Delivery::ack);
    // region fork
    Group trial = billing.fork("billing-trial");
    // endregion
    assertEquals(0, trial.lag().get(0).unfinished());
  }

  @Test
  void behind() {
    // region behind
    Duration behind = billing.lag().get(0).lag(Instant.now());
    // endregion
    assertTrue(!behind.isNegative() && behind.compareTo(Duration.ofMinutes(5)) < 0);
  }
}
