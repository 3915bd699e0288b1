package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store with a topic "t" and a clock that stands still, opened again at will. */
abstract class PositionFixture {
  @TempDir Path dir;
  final TestClock clock = new TestClock();
  Engine engine;
  Topic topic;

  @BeforeEach
  final void open() {
    engine = Engine.open(dir.resolve("store"), EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().build());
  }

  @AfterEach
  final void close() {
    engine.close();
  }

  final void reopen() {
    engine.close();
    open();
  }

  static GroupConfig config() {
    return GroupConfig.builder()
        .ackTimeout(Duration.ofSeconds(10))
        .maxAttempts(2)
        .backoff(Backoff.fixed(Duration.ofSeconds(1)))
        .build();
  }

  final void send(int from, int to) {
    send(topic, from, to);
  }

  static void send(Topic topic, int from, int to) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      IntStream.range(from, to).forEach(i -> producer.send(TestStores.message("m" + i)));
    }
  }

  final List<Delivery> receive(String group, int max) {
    return engine.group(group).consumer("c").receive(max, AT_ONCE);
  }

  final List<String> all(String group) {
    return TestStores.texts(receive(group, 1_000));
  }

  final void pass(Duration time) {
    clock.advance(time);
    engine.tick();
  }
}
