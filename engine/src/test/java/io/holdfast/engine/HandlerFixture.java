package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.Durability;
import io.holdfast.storage.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store with a topic, a clock that stands still, and a queue of what handlers have to say.
 *
 * <p>The close of a subscription waits for its handlers and no interrupt ends that: so a test that
 * fails with one at work is given up from another thread.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
abstract class HandlerFixture {
  @TempDir Path dir;
  final TestClock clock = new TestClock();
  final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  Engine engine;
  Topic topic;
  Producer producer;

  @BeforeEach
  void open() {
    EngineConfig config =
        EngineConfig.defaults().withClock(clock).withCloseTimeout(Duration.ofSeconds(30));
    open(config);
  }

  final void open(EngineConfig config) {
    engine = Engine.open(dir, config);
    topic = engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
    producer = topic.producer(ProducerConfig.named("p"));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  static GroupConfig.Builder config() {
    return GroupConfig.builder()
        .backoff(Backoff.fixed(Duration.ofSeconds(1)))
        .ackTimeout(Duration.ofSeconds(30));
  }

  final void await(String expected) throws InterruptedException {
    assertEquals(expected, events.poll(30, TimeUnit.SECONDS));
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(30, TimeUnit.SECONDS));
  }

  final GroupStats stats() {
    return TestStores.stats(engine.group("g"));
  }

  /** For what is settled on a thread that tells nobody. */
  final void awaitStats(Predicate<GroupStats> expected) throws InterruptedException {
    Eventually.holds(() -> expected.test(stats()), () -> stats().toString());
  }

  final void send(String... texts) {
    for (String text : texts) {
      producer.send(TestStores.message(text));
    }
  }

  /** Lets so much time go by and has done what is due. */
  final void pass(Duration time) {
    clock.advance(time);
    engine.tick();
  }

  /** Opens the store again with a close that interrupts at once. */
  final void openImpatient() {
    engine.close();
    open(EngineConfig.defaults().withClock(clock).withCloseTimeout(Duration.ZERO));
  }
}
