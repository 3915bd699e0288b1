package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.engine.group.Lease;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that dies while it hands out a retry does not make the message wait for its lease. */
class RetryCrashTest {
  private static final GroupConfig CONFIG =
      GroupConfig.builder()
          .ackTimeout(Duration.ofHours(1))
          .backoff(Backoff.fixed(Duration.ofSeconds(1)))
          .build();

  @TempDir Path store;
  @TempDir Path images;

  private final TestClock clock = new TestClock();
  private final EngineConfig config = EngineConfig.defaults().withClock(clock);

  private Group group(Engine engine) {
    TopicConfig topic = TestStores.small().durability(Durability.processCrash()).build();
    return engine.topic("t", topic).group("g", CONFIG);
  }

  private static int receive(Group group, int attempts) {
    try (Consumer consumer = group.consumer("c")) {
      List<Delivery> got = consumer.receive(1, AT_ONCE);
      got.forEach(delivery -> assertEquals(attempts, delivery.attempt()));
      got.forEach(delivery -> delivery.nack(new Exception()));
      return got.size();
    }
  }

  @Test
  void itIsDueAtOnce() {
    Path image = images.resolve("between");
    try (Engine engine = Engine.open(store, config)) {
      Group group = group(engine);
      try (Producer producer = engine.topic("t").producer(ProducerConfig.named("p"))) {
        producer.send(TestStores.message("m"));
      }
      assertEquals(1, receive(group, 1));
      clock.advance(Duration.ofSeconds(2));
      List<Lease> leases = new ArrayList<>();
      // The name is asked for while the slot is filled, before the word says Running.
      group.take(1, () -> TestStores.image(store, image).getFileName().toString(), leases);
      assertEquals(1, leases.size());
    }
    try (Engine engine = Engine.open(image, config)) {
      assertEquals(1, receive(group(engine), 2));
    }
  }
}
