package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.RollTimeoutException;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which segment comes next, how large it is, and what an append does while there is none. */
class SegmentSupplyTest {
  private static final TopicSettings SETTINGS =
      TopicSettings.of(Durability.processCrash()); // up to 64 MiB

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void segmentsGrowFourfoldFrom64KiBToTheTopicsSize() {
    TopicSettings settings =
        new TopicSettings(Durability.processCrash(), 6 << 20, 100_000, new TreeMap<>());
    try (Store store = Store.open(directory)) {
      TopicLog log = store.createTopic("t", settings);
      Unforced.appendInto(log, 6, 50_000);
      List<Integer> kib = new ArrayList<>();
      log.segments().all().forEach(segment -> kib.add(segment.capacity() >> 10));
      assertEquals(List.of(64, 256, 1_024, 4_096, 6_144, 6_144), kib);
    }
  }

  @Test
  void anIdleTopicCostsKilobytes() throws IOException {
    try (Store store = Store.open(directory)) {
      for (int i = 0; i < 20; i++) {
        LogFixture.append(store.createTopic("t" + i, SETTINGS), 5, 1_000);
      }
      store.atRest(() -> null);
      assertTrue(bytes() <= 20 * (64 << 10) + (20 << 10), () -> "it takes " + bytes());
    }
    assertTrue(bytes() <= 20 * (64 << 10) + (20 << 10), () -> "closed, it takes " + bytes());
  }

  private long bytes() {
    try (Stream<Path> files = Files.walk(directory.resolve("topics"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aBatchThatIsTooLargeForTheSegmentMadeAheadGetsOneThatHoldsIt() {
    try (Store store = Store.open(directory)) {
      TopicLog log = store.createTopic("t", SETTINGS);
      Unforced.append(log, 40, 1_000);
      store.atRest(() -> null);
      assertEquals(256 << 10, DiskFixture.segment(directory, "t", 2).toFile().length());
      Unforced.append(log, 1, 1 << 20);
      assertEquals(2, log.segments().last().number());
      assertTrue(log.segments().last().capacity() > 1 << 20, "of " + log.segments().last());
      Unforced.append(log, 10, 1 << 20);
      assertEquals(LongStream.range(0, 51).boxed().toList(), LogFixture.offsets(log, 0));
      assertOnDisk(51);
    }
  }

  @Test
  void anAppendThatWaitsTooLongForASegmentWritesNothingAndALaterOneGoesOn() {
    StoreConfig config = StoreConfig.defaults().withRollTimeout(Duration.ofMillis(50));
    try (Store store = Store.open(directory, config)) {
      TopicLog log = store.createTopic("t", SETTINGS);
      long end;
      try (HeldAgent held = new HeldAgent(store.allocatorAgent())) {
        held.reached();
        String message =
            assertThrows(RollTimeoutException.class, () -> Unforced.append(log, 100, 1_000))
                .getMessage();
        assertTrue(message.contains("nothing was written, try again"), message);
        end = log.endOffset();
        assertFalse(end == 0 || end == 100, "it ends at " + end);
        assertThrows(RollTimeoutException.class, () -> Unforced.append(log, 1, 1_000));
        assertEquals(end, log.endOffset());
        assertEquals(
            LongStream.range(0, end).boxed().toList(), LogFixture.offsets(log, 0));
        Unforced.append(log, 1, 10); // what fits needs no segment
      }
      store.atRest(() -> null);
      Unforced.appendPatiently(log, 1_000, 1_000);
      assertEquals(
          LongStream.range(0, end + 1_001).boxed().toList(), LogFixture.offsets(log, 0));
      assertOnDisk(end + 1_001);
    }
  }

  /** The threads that do files are held, so that it does not wait for them either. */
  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void aRollIntoASegmentThatIsReadyMakesNoCallToTheFileSystem(String durability) {
    CrashFileSystem disk = CrashFileSystem.create();
    try (Store store = Store.open(CrashRun.directory(disk), LogFixture.config())) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.parse(durability)));
      Unforced.append(log, 12, 60_000); // beyond the half
      store.atRest(() -> null);
      try (HeldAgent allocator = new HeldAgent(store.allocatorAgent());
          HeldAgent flusher = new HeldAgent(store.flusher())) {
        allocator.reached();
        flusher.reached();
        long calls = disk.calls();
        Unforced.appendInto(log, 2, 60_000);
        assertEquals(calls, disk.calls());
      }
    }
  }

  /** Of appends that timed out, work for the same segment is left behind that was rolled into. */
  @Test
  void workThatIsLeftBehindDoesNotReplaceASegmentInUse() {
    StoreConfig config = StoreConfig.defaults().withRollTimeout(Duration.ofMillis(50));
    try (Store store = Store.open(directory, config)) {
      TopicLog log = store.createTopic("t", SETTINGS);
      HeldAgent first = new HeldAgent(store.allocatorAgent()).reached();
      Unforced.append(log, 40, 1_000); // asks for the next segment
      HeldAgent second = new HeldAgent(store.allocatorAgent());
      try {
        assertThrows(RollTimeoutException.class, () -> Unforced.append(log, 1, 1 << 20));
        assertThrows(RollTimeoutException.class, () -> Unforced.append(log, 30, 1_000));
        first.close();
        second.reached();
        long end = log.endOffset();
        Unforced.append(log, 1, 1_000);
        assertEquals(2, log.segments().last().number(), "the one that was asked for first");
        Unforced.append(log, 50, 1_000);
        second.close();
        store.atRest(() -> null);
        Unforced.appendPatiently(log, 500, 1_000);
        assertEquals(end + 551, log.endOffset());
        assertOnDisk(end + 551);
      } finally {
        first.close();
        second.close();
      }
    }
    try (Store store = Store.open(directory, config)) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(log.endOffset(), LogFixture.offsets(log, 0).size());
    }
  }

  /** What a reader finds that knows nothing but the files. */
  private void assertOnDisk(long end) {
    List<Long> offsets = new ArrayList<>();
    try (TopicWalk walk = TopicWalk.of(StoreView.open(directory).topic("t").orElseThrow(), 0)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        assertEquals(SegmentWalk.Step.RECORD, step, walk.problem());
        if (walk.record().type() == RecordType.DATA) {
          offsets.add(walk.record().offset());
        }
      }
    }
    assertEquals(LongStream.range(0, end).boxed().toList(), offsets);
  }
}
