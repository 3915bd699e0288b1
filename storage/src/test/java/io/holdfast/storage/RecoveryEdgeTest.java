package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.DamagedTopicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cases of recovery that random states meet rarely. */
class RecoveryEdgeTest {
  @TempDir Path temporary;

  private Path store;

  @Test
  void aForcedSegmentBehindADamagedOneProvesThatThatWasForced() {
    store = temporary.resolve("store");
    Path crashed = temporary.resolve("crashed");
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.createTopic("t", LogFixture.small(Durability.processCrash()));
      appendUnforced(log, 4_000);
      log.settle(); // as when the topic has been idle: forces the sealed segments
      DiskFixture.crashed(open, crashed);
    }
    DiskFixture.flip(DiskFixture.segment(crashed, "t", 2), 4096 + 20);
    try (Store open = LogFixture.open(crashed)) {
      assertThrows(DamagedTopicException.class, () -> open.topic("t"));
    }
    assertTrue(Files.exists(DiskFixture.segment(crashed, "t", 3)), "nothing may be moved");
  }

  private static void appendUnforced(TopicLog log, int messages) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < messages; i++) {
      byte[] payload = LogFixture.message(log.endOffset(), 1_000);
      batch.clear();
      batch.add(new byte[0], 0, payload, 0, payload.length);
      log.append(batch);
    }
  }

  private static byte[] header(Path segment) {
    return DiskFixture.read(segment, 0, 64);
  }

  @Test
  void timeDoesNotStepBackBeforeASegmentThatRecoveryBegan() throws IOException {
    store = temporary.resolve("store");
    CachedEpochClock clock = LogFixture.clockAt(1_000);
    try (Store open = Store.open(store, new StoreConfig(clock))) {
      LogFixture.append(
          open.createTopic("t", LogFixture.small(Durability.processCrash())), 1_100, 1_000);
    }
    Files.delete(DiskFixture.segment(store, "t", 2));
    DiskFixture.overwrite(store.resolve("store.ctl"), 4096, new byte[4096]); // says 1,100
    clock.update(9_000);
    List<Long> times = new ArrayList<>();
    try (Store open = Store.open(store, new StoreConfig(clock))) {
      TopicLog log = open.topic("t").orElseThrow();
      long end = log.endOffset();
      clock.update(5_000);
      LogFixture.append(log, 1, 10);
      try (LogReader reader = log.reader(end)) {
        reader.poll(record -> times.add(record.timestamp()), 10);
      }
    }
    assertEquals(List.of(9_000L), times);
  }

  @Test
  void aSegmentOfAnEarlierLifeIsNotContinued() throws IOException {
    store = temporary.resolve("store");
    Path before = temporary.resolve("before");
    Path after = temporary.resolve("after");
    Path dead = temporary.resolve("dead");
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.createTopic("t", LogFixture.small(Durability.processCrash()));
      appendUnforced(log, 1_007); // the 1,008th does not fit
      DiskFixture.crashed(open, before);
      appendUnforced(log, 2);
      assertEquals(1_008, log.segments().ofNumber(2).firstOffset());
      Files.copy(DiskFixture.segment(store, "t", 2), dead);
    }
    try (Store open = LogFixture.open(before)) {
      appendUnforced(open.topic("t").orElseThrow(), 1); // in a later epoch
      DiskFixture.crashed(open, after);
    }
    Path second = DiskFixture.segment(after, "t", 2);
    Files.copy(dead, second, StandardCopyOption.REPLACE_EXISTING);
    try (Store open = LogFixture.open(after)) {
      TopicRecovery recovery = open.recovery().get(0);
      assertEquals(TopicRecovery.Outcome.TORN_TAIL, recovery.outcome());
      assertEquals(1_008, recovery.endOffset());
      assertTrue(recovery.detail().contains("writer epoch"), recovery.detail());
      appendUnforced(open.topic("t").orElseThrow(), 1);
    }
    assertNotEquals(
        0, Arrays.compare(header(dead), header(DiskFixture.segment(after, "t", 2))));
  }
}
