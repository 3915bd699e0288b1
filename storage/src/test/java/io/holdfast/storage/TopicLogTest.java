package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.MessageTooLargeException;
import io.holdfast.storage.error.StoreClosedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TopicLogTest {
  @TempDir Path directory;

  @Test
  void whatWasAppendedIsReadInOrderOverManySegments() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 5_000, 1_000);
      assertEquals(LongStream.range(0, 5_000).boxed().toList(), LogFixture.offsets(log, 0));
      assertTrue(log.segments().ofOffset(4_999).number() > 4, "expected rolls");
    }
  }

  @Test
  void anyOffsetIsFoundWithItsOwnPayload() {
    long seed = Long.getLong("holdfast.read.seed", System.nanoTime());
    System.out.println("TopicLogTest: -Dholdfast.read.seed=" + seed);
    Random random = new Random(seed);
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      for (int i = 0; i < 2_000; i++) {
        LogFixture.append(log, 1, random.nextInt(9_000));
      }
      try (LogReader reader = log.reader(0)) {
        for (int i = 0; i < 2_000; i++) {
          long offset = random.nextInt(2_000);
          boolean found =
              reader.read(
                  offset,
                  record -> {
                    assertEquals(offset, record.offset(), "seed " + seed);
                    byte[] payload = record.copyPayload();
                    assertArrayEquals(
                        LogFixture.message(offset, payload.length), payload, "seed " + seed);
                  });
          assertTrue(found, "seed " + seed);
        }
      }
    }
  }

  @Test
  void aTimeFindsTheFirstMessageOfThatTimeOrLater() {
    CachedEpochClock clock = LogFixture.clockAt(1_000);
    try (Store store = Store.open(directory, new StoreConfig(clock))) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      for (int i = 0; i < 5_000; i++) {
        clock.update(1_000 + i / 10 * 10);
        LogFixture.append(log, 1, 1_000);
      }
      assertEquals(0, log.offsetAt(0));
      assertEquals(0, log.offsetAt(1_000));
      for (int i = 10; i < 4_990; i += 70) {
        assertEquals(i, log.offsetAt(1_000 + i), "exact");
        assertEquals(i, log.offsetAt(1_000 + i - 5), "between");
      }
      assertEquals(5_000, log.offsetAt(Long.MAX_VALUE / 2));
    }
  }

  @Test
  void timeNeverStepsBack() {
    CachedEpochClock clock = LogFixture.clockAt(5_000);
    try (Store store = Store.open(directory, new StoreConfig(clock))) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 1, 10);
      clock.update(1_000);
      LogFixture.append(log, 1, 10);
      List<Long> times = new ArrayList<>();
      try (LogReader reader = log.reader(0)) {
        reader.poll(record -> times.add(record.timestamp()), 10);
      }
      assertEquals(List.of(5_000L, 5_000L), times);
    }
  }

  @Test
  void onPowerLossTopicsOnlyForcedMessagesAreVisible() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      RecordBatch batch = log.newBatch();
      batch.add(new byte[0], 0, new byte[10], 0, 10);
      log.append(batch);
      assertEquals(0, log.visibleEnd());
      assertEquals(List.of(), LogFixture.offsets(log, 0));
      log.force(1);
      assertEquals(1, log.durableOffset());
      assertEquals(List.of(0L), LogFixture.offsets(log, 0));
    }
  }

  @Test
  void sealedSegmentsRaiseTheDurablePointOfProcessCrashTopicsToo() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      RecordBatch batch = log.newBatch();
      while (log.segments().ofOffset(Long.MAX_VALUE).number() < 3) {
        batch.clear();
        batch.add(new byte[0], 0, new byte[1_000], 0, 1_000);
        log.append(batch);
      }
      assertEquals(2, log.unforcedSegments(), "nobody has asked for them yet");
      log.settle(); // as when the topic has been idle
      assertEquals(log.segments().ofNumber(3).firstOffset(), log.durableOffset());
    }
  }

  @Test
  void aMessageOverTheLimitIsRefusedAndTheBatchStaysAsItWas() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      RecordBatch batch = log.newBatch();
      batch.add(new byte[0], 0, new byte[7], 0, 7);
      MessageTooLargeException e =
          assertThrows(
              MessageTooLargeException.class,
              () -> batch.add(new byte[0], 0, new byte[100_001], 0, 100_001));
      assertTrue(e.getMessage().contains("100000") && e.getMessage().contains("100001"));
      assertEquals(1, batch.size());
      log.append(batch);
      assertEquals(1, log.endOffset());
    }
  }

  @Test
  void theLargestMessagesFitFourToASegment() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 40, 100_000);
      assertEquals(40, LogFixture.offsets(log, 0).size());
    }
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void manyWritersAndAReaderSeeOneDenseSequence() throws Exception {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      List<Thread> writers = new ArrayList<>();
      for (int w = 0; w < 4; w++) {
        Thread writer = new Thread(() -> appendSome(log, 5_000));
        writers.add(writer);
        writer.start();
      }
      Signal signal = new Signal();
      log.addSignal(signal);
      long[] expected = {0};
      try (LogReader reader = log.reader(0)) {
        while (expected[0] < 20_000) {
          long version = signal.version();
          int handled =
              reader.poll(record -> assertEquals(expected[0]++, record.offset()), 1_000);
          if (handled == 0) {
            signal.await(version, TimeUnit.SECONDS.toNanos(10));
          }
        }
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertEquals(20_000, log.endOffset());
    }
  }

  private static void appendSome(TopicLog log, int count) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < count; i++) {
      batch.clear();
      batch.add(new byte[0], 0, new byte[200], 0, 200);
      log.append(batch);
    }
  }

  @Test
  void aClosedStoreRefusesReadersAndAppendsWithoutTouchingMemory() {
    Store store = LogFixture.open(directory);
    TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
    LogFixture.append(log, 10, 10);
    LogReader reader = log.reader(0);
    RecordBatch batch = log.newBatch();
    batch.add(new byte[0], 0, new byte[7], 0, 7);
    store.close();
    store.close();
    assertThrows(StoreClosedException.class, () -> log.append(batch));
    assertThrows(StoreClosedException.class, () -> log.force(11));
    assertThrows(StoreClosedException.class, () -> reader.poll(record -> {}, 1));
    reader.close();
  }

  @Test
  void anInterruptNeitherBreaksAnAppendNorAForceNorTheClosing() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      Thread.currentThread().interrupt();
      LogFixture.append(log, 3_000, 1_000);
      assertTrue(Thread.currentThread().isInterrupted());
      assertEquals(3_000, log.durableOffset());
    } finally {
      assertTrue(Thread.interrupted());
    }
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(3_000, LogFixture.offsets(log, 0).size());
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }
}
