package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.crash.AtOnce;
import io.holdfast.storage.crash.CrashFileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table that a topic carries from segment to segment. */
class CarriedTableTest {
  /** Every so many calls a crash comes: a prime, so that each kind of call has its turn. */
  private static final int EACH = Integer.getInteger("holdfast.crash.each", 5);

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path directory() {
    return temporary.resolve("store");
  }

  private static Store open(Path directory) {
    return Store.open(directory, new StoreConfig(LogFixture.clockAt(1_000_000)));
  }

  private static RecordBatch batch(TopicLog log, int length) {
    RecordBatch batch = log.newBatch();
    batch.add(new byte[0], 0, new byte[length], 0, length);
    return batch;
  }

  private static long newest(TopicLog log, long least) {
    TopicFiles.Found found = log.files().newestTable(least).orElseThrow();
    assertEquals(3, found.table().entries());
    assertEquals(found.firstOffset(), TableTally.end(found.table()));
    return found.firstOffset();
  }

  private void assertWhole() {
    StoreView view = StoreView.open(directory());
    VerifyReport report = StoreVerifier.verify(view, view.topics(), t -> {});
    assertEquals(List.of(), report.topics().get(0).findings());
  }

  @Test
  void eachSegmentCarriesTheTableOfAllMessagesBefore() {
    try (Store store = open(directory())) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      assertTrue(log.files().newestTable(0).isEmpty());
      TableTally tally = TableTally.on(log, 100);
      for (int segment = 2; segment < 6; segment++) {
        while (log.segments().last().number() < segment) {
          tally.append(log, batch(log, 20_000));
        }
        assertEquals(log.segments().last().firstOffset(), tally.carriedAt());
        assertEquals(tally.carriedAt(), newest(log, 0));
      }
      assertEquals(List.of(0L), log.files().withoutTable(0), "there was none yet");
    }
    assertWhole();
    try (Store store = open(directory())) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(log.segments().last().firstOffset(), newest(log, 0));
      assertTrue(log.files().newestTable(log.endOffset() + 1).isEmpty());
    }
  }

  @Test
  void aTopicThatCarriesNothingHasThePlainBeginRecord() {
    try (Store store = open(directory())) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      while (log.segments().last().number() < 3) {
        log.append(batch(log, 20_000));
      }
      assertTrue(log.files().newestTable(0).isEmpty());
    }
    for (Path file : SegmentFiles.list(directory().resolve("topics/t")).values()) {
      try (SegmentScanner scanner = SegmentScanner.open(file)) {
        if (scanner.begin().isPresent()) { // else it was named ahead
          assertEquals(64, scanner.length());
        }
      }
    }
  }

  @Test
  void aTableMayBeLargerThanTheSegmentThatWouldBeNext() {
    TopicSettings settings =
        new TopicSettings(Durability.powerLoss(), 16 << 20, 4_096, new TreeMap<>());
    long end;
    try (Store store = open(directory())) {
      TopicLog log = store.createTopic("t", settings);
      TableTally tally = TableTally.on(log, 1 << 20);
      assertEquals(1 << 20, log.files().mostTableBytes());
      assertEquals(64 << 10, log.segments().last().capacity());
      while (log.segments().last().number() < 3) {
        tally.append(log, batch(log, 4_000));
      }
      assertTrue(log.segments().ofNumber(2).capacity() > 1 << 20);
      tally.append(log, batch(log, 4_096));
      log.force(log.endOffset());
      end = log.endOffset();
      newest(log, 0);
      assertEquals(end, LogFixture.offsets(log, 0).size());
    }
    assertWhole();
    try (Store store = open(directory())) {
      TopicLog log = store.topic("t").orElseThrow();
      newest(log, 0);
      assertEquals(end, LogFixture.offsets(log, 0).size());
      log.append(batch(log, 10));
    }
  }

  @Test
  void aBoundedTopicBoundsItsTable() {
    TopicSettings settings =
        new TopicSettings(Durability.powerLoss(), 16 << 20, 4_096, new TreeMap<>());
    try (Store store = open(directory())) {
      TopicLog log = store.createTopic("t", settings);
      log.files().limit(2 << 20);
      TableTally tally = TableTally.on(log, 1 << 20);
      assertEquals(128 << 10, log.files().mostTableBytes());
      RecordBatch batch = batch(log, 4_096);
      batch.whenAppended(() -> {});
      int rounds = 0;
      while (rounds < 2_000) { // it never gets stuck: what is dropped makes room for the next
        if (!log.append(batch, 2 << 20)) {
          long first = log.firstOffset();
          log.dropBefore(log.files().extents().get(0).endOffset());
          assertTrue(log.firstOffset() > first);
        }
        rounds++;
      }
      assertTrue(tally.carriedAt() > 1_000);
    }
  }

  @Test
  void aTableIsOfTheMessagesBeforeItWhoeverElseAppends() throws InterruptedException {
    try (Store store = open(directory())) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      TableTally tally = TableTally.on(log, 50);
      List<Throwable> errors = new CopyOnWriteArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread =
            new Thread(
                () -> {
                  for (int n = 0; n < 300; n++) {
                    tally.append(log, batch(log, 5_000));
                  }
                });
        thread.setUncaughtExceptionHandler((t, e) -> errors.add(e));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(List.of(), errors);
      for (SegmentExtent extent : log.files().extents()) {
        if (extent.firstOffset() > 0) {
          assertEquals(extent.firstOffset(), tableAt(log, extent.firstOffset()));
        }
      }
    }
  }

  private static long tableAt(TopicLog log, long first) {
    Segment segment = log.segments().ofOffset(first);
    try (SegmentScanner scanner = SegmentScanner.open(segment.file())) {
      return TableTally.end(scanner.begin().flatMap(SegmentBegin::table).orElseThrow());
    }
  }

  @Test
  void aSalvageKeepsTheTableBeforeTheMessagesThatItDoesNotTellOf() {
    try (Store store = open(directory())) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      TableTally tally = TableTally.on(log, 5_000);
      while (log.segments().last().number() < 4) {
        tally.append(log, batch(log, 20_000));
        log.force(log.endOffset());
      }
    }
    Path topic = directory().resolve("topics/t");
    Path third = SegmentFiles.log(topic, 3);
    long first = SalvageFixture.firstOffset(third);
    DiskFixture.flip(third, DiskFixture.position(third, first + 3) + 100);
    TopicSalvage.salvage(directory(), "t", LogFixture.clockAt(5_000_000));
    try (Store store = open(directory())) {
      TopicLog log = store.topic("t").orElseThrow();
      long last = newest(log, 0); // of the fourth one, which stayed
      assertEquals(last, log.segments().ofOffset(last).firstOffset());
      assertEquals(List.of(first + 4), log.files().withoutTable(first), "the second run of it");
      assertEquals(first, tableAt(log, first));
    }
  }

  /** What a power cut or a kill may leave of a topic that rolls and drops. */
  @Test
  void noCrashTakesTheTableFromATopicWhoseOldMessagesWereDropped() {
    for (Durability durability : List.of(Durability.powerLoss(), Durability.processCrash())) {
      CrashFileSystem disk = CrashFileSystem.create();
      List<CrashMoment> moments = new ArrayList<>();
      List<TopicHistory> none = List.of();
      try (Store store = open(CrashRun.directory(disk))) {
        TopicLog log = store.createTopic("t", LogFixture.small(durability));
        TableTally tally = TableTally.on(log, 30_000);
        disk.watch(call -> moments.add(CrashMoment.now(disk, call.toString(), none)));
        for (int segment = 2; segment < 5; segment++) {
          while (log.segments().last().number() < segment) {
            tally.append(log, batch(log, 60_000));
          }
          if (segment > 2) {
            log.dropBefore(log.endOffset());
          }
        }
        disk.watch(call -> {});
        assertTrue(log.firstOffset() > 0);
      }
      Random random = new Random(3);
      List<CrashFileSystem> states = new ArrayList<>();
      for (int i = 0; i < moments.size(); i += EACH) {
        CrashMoment moment = moments.get(i);
        states.add(moment.point().killed());
        states.add(moment.point().cut(random, 4096, 0));
        states.add(moment.point().cut(random, 512, random.nextDouble()));
      }
      assertTrue(moments.size() > 20, moments.size() + " moments");
      AtOnce.each(states, CarriedTableTest::hasTable);
      System.out.printf("CarriedTableTest: %s: %d states%n", durability, states.size());
    }
  }

  private static void hasTable(CrashFileSystem left) {
    try (Store store = open(CrashRun.directory(left))) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(TopicRecovery.Outcome.class, store.recovery().get(0).outcome().getClass());
      assertFalse(store.recovery().get(0).outcome() == TopicRecovery.Outcome.REFUSED);
      if (log.firstOffset() > 0) {
        assertTrue(newest(log, 0) >= log.firstOffset());
      } else if (log.files().newestTable(0).isPresent()) {
        newest(log, 0);
      }
    }
  }
}
