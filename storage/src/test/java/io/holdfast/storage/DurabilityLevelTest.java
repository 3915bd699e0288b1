package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.ControlSlot;
import io.holdfast.storage.check.ControlView;
import io.holdfast.storage.error.RollTimeoutException;
import io.holdfast.storage.error.StoreClosedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is forced, when, and who hears of it. */
class DurabilityLevelTest {
  private static final TopicSettings PROCESS_CRASH =
      LogFixture.small(Durability.processCrash());

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void whatIsAppendedIsForcedWithinTheIntervalAndNobodyHasToCall() throws InterruptedException {
    Durability level = Durability.interval(Duration.ofMillis(1));
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(level));
      for (int i = 0; i < 500; i++) {
        Unforced.append(log, 1 + i % 3, 100);
        assertEquals(log.endOffset(), log.visibleEnd(), "what is confirmed is visible");
        Eventually.holds(
            () -> log.durableOffset() == log.endOffset(),
            () -> "durable " + log.durableOffset() + ", end " + log.endOffset());
      }
    }
  }

  @Test
  void theControlFileHasTheDurableOffsetsAfterAnIdleSecond() throws InterruptedException {
    try (Store store = LogFixture.open(directory)) {
      TopicLog lazy = store.createTopic("lazy", PROCESS_CRASH);
      Unforced.appendInto(lazy, 4, 1_000);
      TopicLog forced = store.createTopic("forced", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(forced, 10, 1_000);
      Durability interval = Durability.interval(Duration.ofMillis(5));
      TopicLog regular = store.createTopic("regular", LogFixture.small(interval));
      Unforced.append(regular, 1_500, 1_000);
      assertStored(forced, 10);
      assertStored(regular, 1_500);
      assertStored(lazy, lazy.segments().last().firstOffset());
      assertEquals(0, lazy.unforcedSegments());
    }
  }

  private void assertStored(TopicLog log, long offset) throws InterruptedException {
    Eventually.holds(
        () -> stored(log.number()) == offset,
        () -> log.name() + ": expected " + offset + ", found " + stored(log.number()));
    assertEquals(offset, log.durableOffset());
  }

  private long stored(int topic) {
    return ControlView.read(directory.resolve("store.ctl"))
        .newest()
        .map(ControlSlot::topics)
        .map(topics -> topics.get(topic))
        .map(ControlSlot.Topic::durableOffset)
        .orElse(-1L);
  }

  @Test
  void aSlowForceIsLoggedAsAWarning() {
    List<String> warnings = new CopyOnWriteArrayList<>();
    Logger logger = Logger.getLogger(Flush.class.getName());
    Handler handler = new WarningHandler(warnings);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    StoreConfig config = LogFixture.config();
    try (Store store = Store.open(directory, config.withSlowForce(Duration.ofDays(1)))) {
      LogFixture.append(store.createTopic("t", LogFixture.small(Durability.powerLoss())), 1, 9);
      assertEquals(List.of(), warnings);
    }
    try (Store store = Store.open(directory, config.withSlowForce(Duration.ofNanos(1)))) {
      LogFixture.append(store.topic("t").orElseThrow(), 1, 9);
      assertEquals(1, warnings.size());
      assertTrue(warnings.get(0).startsWith("topic t: a force took "), warnings.get(0));
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
  }

  private static final class WarningHandler extends Handler {
    private final List<String> warnings;

    WarningHandler(List<String> warnings) {
      this.warnings = warnings;
    }

    @Override
    public void publish(LogRecord logged) {
      if (logged.getLevel() == Level.WARNING) {
        warnings.add(new SimpleFormatter().formatMessage(logged));
      }
    }

    @Override
    public void flush() {
      // nothing is kept back
    }

    @Override
    public void close() {
      // nothing is held
    }
  }

  @Test
  void anAppendThatNeedsANinthUnforcedSegmentWaitsForTheDevice() throws Exception {
    StoreConfig config = LogFixture.config().withRollTimeout(Duration.ofMillis(100));
    try (Store store = Store.open(directory, config)) {
      TopicLog log = store.createTopic("t", PROCESS_CRASH);
      RollTimeoutException refused;
      try (HeldAgent held = new HeldAgent(store.flusher())) {
        held.reached();
        while (log.unforcedSegments() < Flush.MOST_UNFORCED) {
          Unforced.appendPatiently(log, 1, 1_000);
        }
        refused =
            assertThrows(RollTimeoutException.class, () -> Unforced.append(log, 2_000, 1_000));
        assertEquals(Flush.MOST_UNFORCED + 1, log.segments().last().number());
      }
      assertTrue(refused.getMessage().contains("one of 8 sealed segments"), refused.getMessage());
      long end = log.endOffset();
      Unforced.appendPatiently(log, 10_000, 1_000);
      assertEquals(
          LongStream.range(0, end + 10_000).boxed().toList(), LogFixture.offsets(log, 0));
    }
  }

  @Test
  void aRollThatWaitsForTheDeviceGoesOnByItself() throws Exception {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", PROCESS_CRASH);
      FutureTask<Void> appends = new FutureTask<>(() -> Unforced.append(log, 12_000, 1_000), null);
      Thread appender = new Thread(appends, "appender");
      try (HeldAgent held = new HeldAgent(store.flusher())) {
        held.reached();
        appender.start();
        Eventually.holds(
            () -> log.unforcedSegments() == Flush.MOST_UNFORCED
                && appender.getState() == Thread.State.TIMED_WAITING,
            () -> "found " + log.unforcedSegments() + " unforced, " + appender.getState());
      }
      appends.get();
      appender.join();
      assertEquals(12_000, log.endOffset());
    }
  }

  /** Closing has begun and waits for an append elsewhere while the flusher looks at a topic. */
  @Test
  void aTopicThatWouldGoToSleepWhileTheStoreClosesIsForcedByTheClosing() throws Exception {
    Store store = LogFixture.open(directory);
    TopicLog busy = store.createTopic("busy", PROCESS_CRASH);
    TopicLog quiet = store.createTopic("quiet", PROCESS_CRASH);
    Unforced.append(quiet, 3, 100);
    Thread appender = new Thread(() -> Unforced.appendInto(busy, 2, 1_000), "appender");
    Thread closer = new Thread(store::close, "closer");
    try (HeldAgent held = new HeldAgent(store.allocatorAgent())) {
      held.reached();
      appender.start();
      Eventually.waits(appender);
      closer.start();
      Eventually.holds(() -> !store.isOpen(), () -> "expected the closing to begin");
      assertFalse(store.flusher().call(quiet::sleep));
    }
    appender.join();
    closer.join();
    assertEquals(3, stored(quiet.number()));
    assertThrows(StoreClosedException.class, store::checkUsable);
  }
}
