package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.CachedEpochClock;
import org.agrona.concurrent.SystemEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock that gives messages their time. */
class StoreClockTest {
  @TempDir Path directory;

  /** Counts who reads it: the store's clock, or the test past it. */
  private static final class Counting extends SystemEpochClock {
    private final Thread test = Thread.currentThread();
    private final AtomicLong reads = new AtomicLong(); // by the test's thread
    private final AtomicLong ticks = new AtomicLong(); // by the clock's
    private final AtomicReference<Thread> ticker = new AtomicReference<>();

    @Override
    public long time() {
      if (Thread.currentThread() == test) {
        reads.incrementAndGet();
      } else {
        ticker.set(Thread.currentThread());
        ticks.incrementAndGet();
      }
      return super.time();
    }

    void awaitTicks(int more) throws InterruptedException {
      long from = ticks.get();
      Eventually.holds(() -> ticks.get() >= from + more, () -> "expected it to tick on");
    }
  }

  @Test
  void whileItIsAskedItTicksAndNobodyElseReadsTheSystemsClock() throws InterruptedException {
    Counting source = new Counting();
    try (StoreClock clock = StoreClock.of(source)) {
      clock.time();
      source.awaitTicks(1);
      for (int i = 0; i < 100; i++) {
        long before = System.currentTimeMillis();
        long reads = source.reads.get();
        source.awaitTicks(2);
        long time = clock.time();
        assertTrue(time >= before, () -> "two ticks after " + before + " it showed " + time);
        assertTrue(time <= System.currentTimeMillis(), "it is not ahead");
        assertEquals(reads, source.reads.get());
      }
    }
  }

  @Test
  void whenNobodyAsksItSleepsAndWhoAsksThenIsGivenTheSystemsTimeAndWakesIt()
      throws InterruptedException {
    Counting source = new Counting();
    try (StoreClock clock = StoreClock.of(source)) {
      clock.time();
      source.awaitTicks(1);
      for (int i = 0; i < 3; i++) {
        Eventually.sleeps(source.ticker.get());
        long reads = source.reads.get();
        long before = System.currentTimeMillis();
        assertTrue(clock.time() >= before);
        assertEquals(reads + 1, source.reads.get(), "it was asleep");
        source.awaitTicks(1);
      }
    }
  }

  @Test
  void closingEndsItsThreadWhetherItSleepsOrNot() throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      Counting source = new Counting();
      StoreClock clock = StoreClock.of(source);
      clock.time();
      source.awaitTicks(1);
      Thread ticker = source.ticker.get();
      if (i == 0) {
        Eventually.sleeps(ticker);
      }
      clock.close();
      ticker.join();
      long before = System.currentTimeMillis();
      assertTrue(clock.time() >= before);
    }
  }

  @Test
  void aClockThatIsNotTheSystemsIsAskedEachTime() {
    CachedEpochClock source = LogFixture.clockAt(7);
    try (StoreClock clock = StoreClock.of(source)) {
      for (long time : new long[] {7, 9, 3}) {
        source.update(time);
        assertEquals(time, clock.time());
      }
    }
  }

  @Test
  void timeDoesNotStepBackOverReopenings() {
    List<Long> given = new ArrayList<>();
    for (long now : new long[] {5_000, 1_000, 6_000, 2_000}) {
      StoreConfig config = new StoreConfig(LogFixture.clockAt(now)).withFirstSegment(64 << 10);
      try (Store store = Store.open(directory, config)) {
        TopicLog log =
            store.topic("t").orElseGet(
                () -> store.createTopic("t", LogFixture.small(Durability.processCrash())));
        Unforced.append(log, 300, 1_000); // over a roll
        given.add(timeOf(log, log.endOffset() - 1));
        assertNull(firstStepBack(log));
        assertEquals(0, log.offsetAt(5_000));
        assertEquals(Math.min(600, log.endOffset()), log.offsetAt(5_001));
      }
    }
    assertEquals(List.of(5_000L, 5_000L, 6_000L, 6_000L), given);
  }

  private static long timeOf(TopicLog log, long offset) {
    long[] time = {0};
    try (LogReader reader = log.reader(offset)) {
      reader.poll(record -> time[0] = record.timestamp(), 1);
    }
    return time[0];
  }

  private static String firstStepBack(TopicLog log) {
    long[] last = {0};
    String[] found = {null};
    try (LogReader reader = log.reader(0)) {
      while (reader.poll(
              record -> {
                found[0] = record.timestamp() < last[0] ? record.toString() : found[0];
                last[0] = record.timestamp();
              },
              100)
          > 0) {
        // until nothing more is visible
      }
    }
    return found[0];
  }
}
