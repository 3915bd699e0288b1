package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.storage.error.DiskFullException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without any room left, and one that has some again. */
class FullDiskTest {
  private static final TopicSettings SETTINGS =
      new TopicSettings(Durability.powerLoss(), 1 << 20, 10_000, new TreeMap<>());

  @TempDir Path mount;

  private Optional<SmallDisk> mounted = Optional.empty();
  private SmallDisk disk;

  @BeforeEach
  void mountDisk() throws IOException {
    mounted = SmallDisk.mount(mount, 16);
    assumeTrue(mounted.isPresent(), "a tmpfs can be mounted, which takes root");
    disk = mounted.get();
  }

  @AfterEach
  void unmountDisk() throws IOException {
    if (mounted.isPresent()) {
      mounted.get().close();
    }
  }

  private static void appendUntilFull(TopicLog log, boolean reserved) {
    RecordBatch batch = log.newBatch();
    while (true) {
      byte[] payload = LogFixture.message(log.endOffset(), 5_000);
      batch.clear();
      batch.add(new byte[0], 0, payload, 0, payload.length);
      if (reserved) {
        log.appendReserved(batch);
      } else {
        log.append(batch);
      }
      log.force(log.endOffset());
    }
  }

  private static long appendedUntilFull(TopicLog log, boolean reserved) {
    long before = log.endOffset();
    assertThrows(DiskFullException.class, () -> appendUntilFull(log, reserved));
    return log.endOffset() - before;
  }

  @Test
  void theReserveIsThereForWhatMayTakeItAndIsMadeAgainWhenThereIsRoom() {
    try (Store store = Store.open(disk.directory())) {
      TopicLog log = store.createTopic("t", SETTINGS);
      LogFixture.append(log, 100, 5_000);
      for (int i = 0; i < 3; i++) {
        store.atRest(() -> null);
        disk.fill();
        appendedUntilFull(log, false);
        assertEquals(0, appendedUntilFull(log, false));
        long letters = appendedUntilFull(log, true);
        assertTrue(letters >= 2, () -> "the reserve took " + letters);
        assertEquals(0, appendedUntilFull(log, true));
        assertEquals(log.endOffset(), log.durableOffset());
        disk.free();
        LogFixture.append(log, 100, 5_000);
      }
      checkAll(log);
    }
    try (Store store = Store.open(disk.directory())) {
      assertEquals(TopicRecovery.Outcome.CLEAN, store.recovery().get(0).outcome());
      checkAll(store.topic("t").orElseThrow());
    }
  }

  @Test
  void aRecycledFileOfAnySizeDoesOnAFullDisk() {
    TopicSettings large =
        new TopicSettings(Durability.powerLoss(), 4 << 20, 10_000, new TreeMap<>());
    try (Store store = Store.open(disk.directory())) {
      TopicLog dropped = store.createTopic("dropped", large);
      LogFixture.append(dropped, 1_500, 5_000); // 64 KiB to 4 MiB
      store.atRest(() -> null); // a segment that is still being forced is not recycled
      dropped.dropBefore(dropped.endOffset());
      TopicLog log = store.createTopic("t", SETTINGS);
      store.atRest(() -> null);
      disk.fill();
      long appended = appendedUntilFull(log, false);
      assertTrue(appended > 900, "a waiting file of 4 MiB holds some 830, and it took " + appended);
      checkAll(log);
    }
    disk.free();
    try (Store store = Store.open(disk.directory())) {
      LogFixture.append(store.topic("t").orElseThrow(), 100, 5_000);
      checkAll(store.topic("t").orElseThrow());
    }
  }

  /** The zeros of a processCrash topic's segment are not forced before it is used. */
  @Test
  void holesThatAPowerCutLeftAreFilledBeforeTheyAreAppendedTo() {
    TopicSettings settings =
        new TopicSettings(Durability.processCrash(), 1 << 20, 10_000, new TreeMap<>());
    Path crashed = mount.resolve("crashed");
    try (Store store = Store.open(disk.directory())) {
      Unforced.append(store.createTopic("t", settings), 100, 5_000); // the third has 1 MiB
      DiskFixture.crashed(store, crashed);
    }
    DiskFixture.makeSparse(DiskFixture.segment(crashed, "t", 3));
    try (Store store = Store.open(crashed)) {
      disk.fill();
      TopicLog log = store.topic("t").orElseThrow();
      Unforced.append(log, 100, 5_000);
      assertEquals(3, log.segments().last().number());
      checkAll(log);
    }
  }

  private static void checkAll(TopicLog log) {
    assertEquals(
        LongStream.range(0, log.endOffset()).boxed().toList(), LogFixture.offsets(log, 0));
  }

  @Test
  void aStoreIsClosedOpenedAndReadOnAFullDisk() {
    long end;
    try (Store store = Store.open(disk.directory())) {
      TopicLog log = store.createTopic("t", SETTINGS);
      LogFixture.append(log, 1_000, 5_000);
      store.atRest(() -> null);
      disk.fill();
      appendedUntilFull(log, true);
      end = log.endOffset();
    }
    disk.fill();
    for (int i = 0; i < 2; i++) {
      try (Store store = Store.open(disk.directory())) {
        TopicLog log = store.topic("t").orElseThrow();
        assertEquals(end, log.endOffset());
        checkAll(log);
        disk.fill(); // also what a clearing of the pool has freed
      }
    }
    disk.free();
    try (Store store = Store.open(disk.directory())) {
      LogFixture.append(store.topic("t").orElseThrow(), 100, 5_000);
      checkAll(store.topic("t").orElseThrow());
    }
  }

  /** Sealed segments that nobody has marked, and a tail that the page cache may have lost. */
  @Test
  void aCrashOnAFullDiskIsRecoveredThere() {
    Path crashed = mount.resolve("crashed");
    long end;
    try (Store store = Store.open(disk.directory())) {
      TopicLog log = store.createTopic("t", SETTINGS);
      try (HeldAgent held = new HeldAgent(store.flusher())) {
        held.reached();
        Unforced.append(log, 400, 5_000);
      }
      end = log.endOffset();
      DiskFixture.crashed(store, crashed);
      log.force(end);
    }
    disk.fill();
    try (Store store = Store.open(crashed)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, store.recovery().get(0).outcome());
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(end, log.endOffset());
      checkAll(log);
    }
  }
}
