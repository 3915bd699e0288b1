package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.EngineEvent.Cause;
import io.holdfast.engine.group.GroupContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine tells its listener, and ends with it. */
class EngineEventsTest {
  private static final EngineEvent EVENT =
      new EngineEvent.MessagesLost("g", "t", 0, 1, 1, Cause.DAMAGE);

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private final BlockingQueue<EngineEvent> told = new LinkedBlockingQueue<>();

  private static GroupContext context(Engine engine) {
    return engine.context("g", GroupConfig.defaults(), step -> {});
  }

  private EngineConfig config(EngineListener listener) {
    return EngineConfig.defaults().withClock(clock).withListener(listener);
  }

  @Test
  void theCloseTellsWhatIsLeft() {
    Engine engine = Engine.open(dir, config(told::add));
    for (int i = 0; i < 100; i++) {
      context(engine).events().tell(EVENT);
    }
    engine.close();
    assertEquals(100, told.size());
  }

  @Test
  void aListenerMayCloseTheEngine() throws Exception {
    CountDownLatch hasReturned = new CountDownLatch(1);
    Engine[] engine = new Engine[1];
    engine[0] =
        Engine.open(
            dir,
            config(
                event -> {
                  engine[0].close();
                  hasReturned.countDown();
                }));
    context(engine[0]).events().publish(EVENT);
    assertTrue(hasReturned.await(30, TimeUnit.SECONDS));
    engine[0].close();
  }

  @Test
  void aClockThatJumpedIsToldAndBelievedWhenTheUserSaysSo() throws Exception {
    try (Engine engine = Engine.open(dir, config(told::add))) {
      clock.advance(Duration.ofDays(400));
      assertTrue(context(engine).clockWatch().isTrusted());
      clock.jump(Duration.ofHours(2));
      assertFalse(context(engine).clockWatch().isTrusted());
      EngineEvent event = told.poll(30, TimeUnit.SECONDS);
      EngineEvent.ClockJumped jump = (EngineEvent.ClockJumped) event;
      assertEquals(Duration.ofHours(2), Duration.between(jump.from(), jump.to()));
      engine.trustClock();
      assertTrue(context(engine).clockWatch().isTrusted());
    }
    assertEquals(List.of(), List.copyOf(told));
  }

  @Test
  void aClockOfOnesOwnIsBelieved() {
    long[] now = {1_700_000_000_000L};
    try (Engine engine = Engine.open(dir, EngineConfig.defaults().withClock(() -> now[0]))) {
      now[0] += Duration.ofDays(400).toMillis();
      assertTrue(context(engine).clockWatch().isTrusted());
    }
  }
}
