package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.HoldfastInterruptedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thread that was interrupted can do everything but wait, and stays interrupted. */
class InterruptTest {
  @TempDir Path dir;

  @AfterEach
  void clearFlag() {
    Thread.interrupted();
  }

  private static <T> T interrupted(Supplier<T> verb) {
    Thread.currentThread().interrupt();
    T result = verb.get();
    assertTrue(Thread.interrupted(), "the flag is gone");
    return result;
  }

  private static void interruptedRun(Runnable verb) {
    interrupted(
        () -> {
          verb.run();
          return null;
        });
  }

  @Test
  void noVerbThatNeedNotWaitIsBrokenByAnInterrupt() {
    Engine engine = interrupted(() -> Engine.open(dir));
    Topic topic = interrupted(() -> engine.topic("t", TestStores.small().build()));
    Producer producer = interrupted(() -> topic.producer(ProducerConfig.named("p")));
    assertEquals(0, interrupted(() -> producer.send(message("m"))).offset());
    List<Message> many = Collections.nCopies(5_000, Message.of(new byte[1_000])); // several rolls
    assertEquals(5_000, interrupted(() -> producer.sendAll(many)).size());
    assertEquals(5_001, interrupted(() -> producer.sendAsync(message("m"))).join().offset());
    GroupConfig config = GroupConfig.builder().maxInFlight(3_000).build();
    Group group = interrupted(() -> topic.group("g", config));
    Consumer consumer = interrupted(() -> group.consumer("c"));
    List<Delivery> got = interrupted(() -> consumer.receive(3_000, Duration.ofMinutes(1)));
    assertEquals(3_000, got.size());
    assertEquals(Settled.DONE, interrupted(got.get(0)::ack));
    assertEquals(Settled.DONE, interrupted(() -> got.get(1).nack(new Exception())));
    assertEquals(Settled.DONE, interrupted(() -> got.get(2).reject("no")));
    assertEquals(Settled.DONE, interrupted(got.get(3)::release));
    assertEquals(Settled.DONE, interrupted(got.get(4)::extend));
    assertEquals(1, interrupted(group::lag).get(0).dead());
    try (Reader reader = interrupted(() -> topic.reader(StartAt.offset(4_999)))) {
      assertEquals(3, interrupted(() -> reader.poll(view -> {}, 256)));
    }
    interruptedRun(consumer::close);
    interruptedRun(producer::close);
    interruptedRun(engine::close);
    try (Engine again = interrupted(() -> Engine.open(dir))) {
      assertEquals(1, again.group("g").lag().get(0).lowWaterMark());
      assertEquals(5_000, again.group("g").lag().get(0).unfinished());
    }
  }

  @Test
  void aWaitEndsAndTheFlagStays() {
    try (Engine engine = Engine.open(dir)) {
      Topic topic = engine.topic("t", TestStores.small().build());
      try (Consumer consumer = topic.group("g", GroupConfig.defaults()).consumer("c")) {
        Thread.currentThread().interrupt();
        assertThrows(
            HoldfastInterruptedException.class,
            () -> consumer.receive(1, Duration.ofMinutes(1)));
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), interrupted(() -> consumer.receive(1, AT_ONCE)));
      }
    }
  }
}
