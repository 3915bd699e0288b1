package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.error.StoreClosedException;
import io.holdfast.storage.error.StorePoisonedException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers that wait; a wake-up that is lost shows as a test that takes too long. */
@Timeout(60)
class ReaderWaitTest {
  private static final long FOR_EVER = Long.MAX_VALUE;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void noAppendIsMissedByAReaderThatWaits(String durability) throws Exception {
    int rounds = 20_000;
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.parse(durability)));
      Signal back = new Signal();
      FutureTask<Long> reading = new FutureTask<>(() -> readOneByOne(log, rounds, back));
      Thread reader = new Thread(reading, "reader");
      reader.start();
      RecordBatch batch = log.newBatch();
      batch.add(new byte[0], 0, new byte[100], 0, 100);
      for (int i = 0; i < rounds; i++) {
        long version = back.version();
        log.append(batch);
        log.force(log.visibleEnd() == log.endOffset() ? 0 : log.endOffset());
        assertTrue(back.await(version, TimeUnit.MINUTES.toNanos(2)));
      }
      assertEquals(rounds, reading.get());
      reader.join();
    }
  }

  private static long readOneByOne(TopicLog log, int rounds, Signal back)
      throws InterruptedException {
    long[] next = {0};
    try (LogReader reader = log.reader(0)) {
      while (next[0] < rounds) {
        assertTrue(reader.await(FOR_EVER));
        assertEquals(1, reader.poll(record -> assertEquals(next[0]++, record.offset()), 10));
        back.raise();
      }
    }
    return next[0];
  }

  /** The store's own thread makes them visible, and the sender finds them durable. */
  @Test
  void aReaderIsWokenByTheForceOfASealedSegment() throws Exception {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      FutureTask<Boolean> wait = new FutureTask<>(() -> await(log));
      Thread reader = new Thread(wait, "reader");
      reader.start();
      Eventually.waits(reader);
      Unforced.appendInto(log, 2, 1_000);
      assertTrue(wait.get());
      reader.join();
    }
  }

  private static boolean await(TopicLog log) throws InterruptedException {
    try (LogReader reader = log.reader(log.visibleEnd())) {
      return reader.await(FOR_EVER);
    }
  }

  @Test
  void aReaderThatWaitsIsToldThatTheStoreWasClosed() throws Exception {
    for (int i = 0; i < 20; i++) {
      Store store = LogFixture.open(directory);
      TopicLog log =
          store.topic("t").orElseGet(
              () -> store.createTopic("t", LogFixture.small(Durability.powerLoss())));
      LogFixture.append(log, 1, 100);
      FutureTask<Boolean> wait =
          new FutureTask<>(
              () -> {
                assertThrows(StoreClosedException.class, () -> await(log));
                return true;
              });
      Thread reader = new Thread(wait, "reader");
      reader.start();
      if (i % 2 == 0) {
        Eventually.waits(reader); // else it may come when the store is closed
      }
      store.close();
      assertTrue(wait.get());
      reader.join();
    }
  }

  @Test
  void aReaderThatWaitsIsToldThatTheStoreIsPoisoned() throws Exception {
    try (Poisoned poisoned = new Poisoned(LogFixture.open(directory))) {
      Store store = poisoned.store();
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      FutureTask<StorePoisonedException> wait =
          new FutureTask<>(() -> assertThrows(StorePoisonedException.class, () -> await(log)));
      Thread reader = new Thread(wait, "reader");
      reader.start();
      Eventually.waits(reader);
      store.poison(new StorageIoException("as after a failed force"));
      assertTrue(wait.get().getMessage().contains("as after a failed force"));
      reader.join();
    }
  }

  @Test
  void anIdleStrategyWaitsInItsOwnWay() throws Exception {
    List<IdleStrategy> strategies =
        List.of(
            new BusySpinIdleStrategy(),
            new YieldingIdleStrategy(),
            new BackoffIdleStrategy(),
            new SleepingIdleStrategy(10_000));
    Store store = LogFixture.open(directory);
    TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
    try (LogReader reader = log.reader(0)) {
      for (IdleStrategy strategy : strategies) {
        assertFalse(reader.await(strategy, 1_000), "nothing is there");
        FutureTask<Void> append = new FutureTask<>(() -> Unforced.append(log, 1, 100), null);
        Thread appender = new Thread(append, "appender");
        appender.start();
        assertTrue(reader.await(strategy, FOR_EVER));
        append.get();
        appender.join();
        assertEquals(1, reader.poll(record -> {}, 10));
      }
      Thread closer = new Thread(store::close, "closer");
      closer.start();
      assertThrows(
          StoreClosedException.class, () -> reader.await(new BackoffIdleStrategy(), FOR_EVER));
      closer.join();
    }
  }

  @Test
  void aWaitEndsWithItsTimeOrAnInterrupt() throws Exception {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      Unforced.append(log, 1, 100); // not visible before it is forced
      try (LogReader reader = log.reader(0)) {
        assertFalse(reader.await(1_000_000));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> reader.await(FOR_EVER));
        log.force(1);
        assertTrue(reader.await(0));
      }
    }
  }
}
