package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.error.RollTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rolls that lose patience while the allocator is at their segment: it is put to use by a later
 * append, or thrown away, and never in use twice.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class SuccessorRaceTest {
  private static final int SMALL = 20_000;
  private static final int LARGE = 90_000; // does not fit into what is made ahead for small ones
  private static final long KEPT = 60;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final AtomicLong confirmed = new AtomicLong();

  @Test
  void aSegmentThatComesTooLateHarmsNobody() throws Exception {
    StoreConfig config =
        LogFixture.config()
            .withFirstSegment(StoreConfig.FIRST_SEGMENT)
            .withRollTimeout(Duration.ofNanos(50_000));
    try (Store store = Store.open(directory, config)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      Race race = new Race("SuccessorRaceTest");
      for (int i = 0; i < 2; i++) {
        Random random = new Random(race.seed() + i);
        race.add(() -> append(race, log, random));
      }
      race.add(() -> drop(race, log));
      race.run();
      long first = log.firstOffset();
      List<Long> expected = new ArrayList<>();
      for (long offset = first; offset < log.endOffset(); offset++) {
        expected.add(offset);
      }
      assertEquals(expected, LogFixture.offsets(log, first));
      assertEquals(confirmed.get(), log.endOffset());
    }
    Path topic = directory.resolve("topics").resolve("t");
    List<Long> files = List.copyOf(SegmentFiles.list(topic).keySet());
    try (Store store = LogFixture.open(directory)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, store.recovery().get(0).outcome());
      List<Long> used = new ArrayList<>();
      store.topic("t").orElseThrow().segments().all().forEach(s -> used.add(s.number()));
      assertEquals(used, files, "no file but those of the topic's segments");
      assertEquals(confirmed.get(), store.topic("t").orElseThrow().endOffset());
    }
  }

  private void append(Race race, TopicLog log, Random random) {
    RecordBatch batch = log.newBatch();
    while (!race.isOver()) {
      int length = random.nextInt(5) == 0 ? LARGE : SMALL;
      batch.clear();
      batch.add(new byte[0], 0, new byte[length], 0, length);
      try {
        log.append(batch);
        confirmed.incrementAndGet();
      } catch (RollTimeoutException e) {
        race.round(); // nothing was written: the next one tries again
      }
    }
  }

  private static void drop(Race race, TopicLog log) {
    while (!race.isOver()) {
      log.dropBefore(Math.max(0, log.endOffset() - KEPT));
    }
  }
}
