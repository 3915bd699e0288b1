package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.small;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups that nobody uses go after their time, of which only that counts with the store open. */
class GroupExpiryTest {
  private static final GroupConfig TEN_DAYS =
      GroupConfig.builder().expireAfter(Duration.ofDays(10)).build();

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();
  private Engine engine;

  @BeforeEach
  void open() {
    engine = open(dir);
  }

  private Engine open(Path where) {
    return Engine.open(
        where,
        EngineConfig.defaults().withClocks(clock, clock).withListener(events::add));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Group group(GroupConfig config) {
    return engine.topic("t", small().build()).group("g", config);
  }

  private void pass(Duration time) {
    clock.advance(time);
    engine.tick();
  }

  private boolean isThere() throws InterruptedException {
    return isThere(engine);
  }

  /** What has expired is deleted by a thread of its own, which the tick before this has started. */
  private static boolean isThere(Engine engine) throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("holdfast-expiry")) {
        thread.join();
      }
    }
    return engine.groups().contains("g");
  }

  private void goes() throws InterruptedException {
    assertFalse(isThere(), "the group has expired");
  }

  @Test
  void aGroupThatNobodyUsesGoesAfterItsTimeAndIsReported() throws InterruptedException {
    Group group = group(TEN_DAYS);
    pass(Duration.ofDays(10).minusMillis(1));
    assertTrue(isThere());
    pass(Duration.ofMillis(1));
    goes();
    Eventually.holds(
        () -> events.contains(new EngineEvent.GroupExpired("g")), () -> "told: " + events);
    assertThrows(AlreadyClosedException.class, () -> group.topics("t"));
    assertFalse(Files.exists(dir.resolve("groups/g")));
  }

  @Test
  void noTimeCountsWhileItIsPaused() throws InterruptedException {
    Group group = group(TEN_DAYS);
    pass(Duration.ofDays(9));
    group.pause();
    pass(Duration.ofDays(100));
    assertTrue(isThere());
    group.resume();
    pass(Duration.ofHours(23));
    assertTrue(isThere());
    pass(Duration.ofHours(1));
    goes();
  }

  @Test
  void withoutATimeAGroupStays() throws InterruptedException {
    group(GroupConfig.defaults());
    pass(Duration.ofDays(100_000));
    assertTrue(isThere());
    assertFalse(Files.exists(dir.resolve("groups/g").resolve(GroupExpiry.NAME)));
  }

  @Test
  void aConsumerThatIsThereKeepsItAndThenItsTimeBeginsAnew() throws InterruptedException {
    Group group = group(TEN_DAYS);
    pass(Duration.ofDays(9));
    Consumer consumer = group.consumer("c");
    pass(Duration.ofDays(100));
    assertTrue(isThere());
    consumer.close();
    pass(Duration.ofDays(9));
    assertTrue(isThere());
    group.subscribe(delivery -> {}, SubscribeConfig.concurrency(1)).close();
    pass(Duration.ofDays(9));
    assertTrue(isThere());
    pass(Duration.ofDays(1));
    goes();
  }

  @Test
  void timeInWhichItIsPausedDoesNotCount() throws InterruptedException {
    Group group = group(TEN_DAYS);
    pass(Duration.ofDays(6));
    group.pause();
    clock.advance(Duration.ofDays(100)); // and nobody looks
    group.resume();
    pass(Duration.ofDays(3));
    group.pause();
    engine.close();
    open();
    pass(Duration.ofDays(100));
    assertTrue(isThere());
    engine.group("g").resume();
    pass(Duration.ofDays(1));
    goes();
  }

  @Test
  void onlyTimeInWhichTheStoreIsOpenCounts() throws InterruptedException {
    group(TEN_DAYS);
    pass(Duration.ofDays(6));
    engine.close();
    clock.advance(Duration.ofDays(1_000));
    open();
    engine.tick();
    assertTrue(isThere());
    pass(Duration.ofDays(3));
    assertTrue(isThere());
    pass(Duration.ofDays(1));
    goes();
  }

  @Test
  void aClockThatIsSetDeletesNothing() throws InterruptedException {
    group(TEN_DAYS);
    clock.jump(Duration.ofDays(1_000));
    engine.tick();
    assertTrue(isThere());
    clock.jump(Duration.ofDays(-2_000));
    pass(Duration.ofDays(9));
    assertTrue(isThere());
    pass(Duration.ofDays(1));
    goes();
  }

  @Test
  void aCrashForgetsOneStepOfTheTimeAtMost(@TempDir Path copies)
      throws InterruptedException {
    group(TEN_DAYS);
    for (int hour = 0; hour < 24 * 9; hour++) {
      pass(Duration.ofHours(1));
    }
    engine.topic("flush", small().build()); // behind what the agent was given before
    Path image = TestStores.image(dir, copies.resolve("image"));
    try (Engine crashed = open(image)) {
      clock.advance(Duration.ofDays(1).plusHours(1));
      crashed.tick();
      assertFalse(isThere(crashed), "the group has expired");
    }
  }

  @Test
  void aCrashWhileAGroupIsUsedDoesNotBringBackItsIdleTime(@TempDir Path copies)
      throws InterruptedException {
    Group group = group(TEN_DAYS);
    pass(Duration.ofDays(9));
    try (Consumer consumer = group.consumer("c")) {
      assertEquals(List.of(), consumer.receive(1, AT_ONCE));
      Path image = TestStores.image(dir, copies.resolve("image"));
      try (Engine crashed = open(image)) {
        clock.advance(Duration.ofDays(9));
        crashed.tick();
        assertTrue(isThere(crashed));
      }
    }
  }

  @Test
  void anUpdateBeginsAnewAndMayTurnItOff() throws InterruptedException {
    Group group = group(TEN_DAYS);
    pass(Duration.ofDays(9));
    group.update(GroupConfig.builder().expireAfter(Duration.ofDays(2)).build());
    pass(Duration.ofDays(1));
    assertTrue(isThere());
    group.update(GroupConfig.defaults());
    pass(Duration.ofDays(1_000));
    assertTrue(isThere());
    group.update(TEN_DAYS);
    pass(Duration.ofDays(10));
    goes();
  }

  @Test
  void aGroupThatIsMadeAgainBeginsAnew() throws InterruptedException {
    group(TEN_DAYS);
    try (Producer producer = engine.topic("t").producer(ProducerConfig.named("p"))) {
      producer.send(message("a"));
    }
    pass(Duration.ofDays(10));
    goes();
    Group again = group(TEN_DAYS);
    pass(Duration.ofDays(9));
    try (Consumer consumer = again.consumer("c")) {
      assertEquals(List.of("a"), texts(consumer.receive(10, AT_ONCE)));
    }
  }
}
