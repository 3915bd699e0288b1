package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of dropped segments, and what is dropped, or recycled, while somebody reads it. */
class DroppedSegmentTest {
  private static final int MESSAGES = 4_000;

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path store;
  private Path topic;
  private UUID storeId;

  @BeforeEach
  void makeStore() {
    store = temporary.resolve("store");
    topic = store.resolve("topics/t");
    try (Store open = LogFixture.open(store)) {
      storeId = open.id();
      TopicLog log = open.createTopic("t", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(log, MESSAGES, 1_000);
      open.onAgent(() -> null);
      store = DiskFixture.crashed(open, temporary.resolve("crashed"));
      topic = store.resolve("topics/t");
    }
  }

  private void raiseFirst(long number) {
    ControlFile control = ControlFile.read(store.resolve("store.ctl"));
    control.put(1, new ControlFile.Entry(control.entry(1).durableOffset(), number));
    control.write();
  }

  private long firstOffset(long number) {
    try (SegmentWalk walk = SegmentWalk.open(SegmentFiles.log(topic, number))) {
      walk.next();
      return walk.record().offset();
    }
  }

  /** The owner file names this process, which makes the store a live one for those who look. */
  private TopicReport verified(boolean live) throws IOException {
    if (!live) {
      Files.deleteIfExists(store.resolve("store.owner"));
    }
    StoreView view = StoreView.open(store);
    return StoreVerifier.verify(view, view.topics(), t -> {}).topics().get(0);
  }

  /** As the owner does it: the name is taken away, then the file is made another segment. */
  private void recycle(long number) throws IOException {
    Path file = SegmentFiles.log(topic, number);
    Path pooled = Files.move(file, store.resolve("pool/recycled-" + number + ".log"));
    Path image = temporary.resolve("image");
    RecycledFixture.nameAhead(pooled, image, storeId, 4_711 + number);
    DiskFixture.overwrite(pooled, 0, RecycledFixture.content(image)); // the same file
  }

  @Test
  void filesBelowTheFirstSegmentArePassedOverAndDeletedAtOpening() throws IOException {
    long first = firstOffset(3);
    raiseFirst(3);
    Files.delete(SegmentFiles.log(topic, 1)); // and its index is still there
    DiskFixture.flip(SegmentFiles.log(topic, 2), 5_000); // nobody minds
    assertEquals(List.of(), verified(true).findings());
    TopicReport report = verified(false);
    assertEquals(TopicReport.State.OK, report.state());
    assertEquals(first, report.firstOffset());
    assertEquals(MESSAGES - first, report.records());
    assertEquals(1, report.findings().size());
    assertEquals(Finding.Severity.NOTE, report.findings().get(0).severity());
    assertEquals(first, StoreView.open(store).topic("t").orElseThrow().extent().firstOffset());
    try (TopicWalk walk = TopicWalk.of(StoreView.open(store).topic("t").orElseThrow(), 0)) {
      walk.next();
      assertEquals(first, walk.record().offset());
    }
    try (Store open = LogFixture.open(store)) {
      TopicRecovery found = open.recovery().get(0);
      assertEquals(TopicRecovery.Outcome.CLEAN, found.outcome(), found.detail());
      assertEquals(first, open.topic("t").orElseThrow().firstOffset());
      assertEquals(first, LogFixture.offsets(open.topic("t").orElseThrow(), first).get(0));
      for (long number = 1; number <= 2; number++) {
        assertFalse(Files.exists(SegmentFiles.log(topic, number)));
        assertFalse(Files.exists(SegmentFiles.index(topic, number)));
      }
      assertTrue(Files.exists(SegmentFiles.log(topic, 3)));
    }
  }

  @Test
  void aSegmentWithoutAForcedMarkNeedsNoIndex() throws IOException {
    long last = DiskFixture.lastSegment(store, "t");
    for (long number = last - 1; number <= last; number++) {
      Path log = SegmentFiles.log(topic, number);
      DiskFixture.overwrite(log, Files.size(log) - 4096 + 512, new byte[8]);
    }
    Files.deleteIfExists(SegmentFiles.index(topic, last));
    Path stale = SegmentFiles.index(topic, last - 1);
    DiskFixture.flip(stale, 9); // the salt
    assertEquals(List.of(), verified(false).findings());
    Files.delete(SegmentFiles.index(topic, 1));
    assertEquals(1, verified(false).findings().size(), "that one was forced");
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, open.recovery().get(0).outcome());
      for (long offset = 0; offset < MESSAGES; offset += 997) {
        assertEquals(
            offset, LogFixture.offsets(open.topic("t").orElseThrow(), offset).get(0));
      }
    }
    assertTrue(verified(false).findings().size() <= 1, "what was scanned has its index again");
  }

  @Test
  void aWalkGoesOnBehindWhatWasRecycledUnderIt() throws IOException {
    long second = firstOffset(2);
    long third = firstOffset(3);
    try (TopicWalk walk = TopicWalk.of(StoreView.open(store).topic("t").orElseThrow(), 0)) {
      for (int i = 0; i < 100; i++) {
        assertEquals(SegmentWalk.Step.RECORD, walk.next());
      }
      raiseFirst(3);
      recycle(1);
      recycle(2);
      long last = -1;
      long fromFirst = 0;
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        assertEquals(SegmentWalk.Step.RECORD, step, walk.problem());
        if (walk.record().type() == RecordType.DATA) {
          long offset = walk.record().offset();
          assertTrue(offset == last + 1 || offset == third || last < 0, "offset " + offset);
          fromFirst += offset < second ? 1 : 0;
          last = offset;
        }
      }
      assertEquals(MESSAGES - 1, last);
      assertTrue(fromFirst < second, "the rest of the first segment cannot be read any more");
      assertEquals(1, walk.dropped(), "the second one was gone when it was looked for again");
    }
  }

  @Test
  void aWalkGoesOnBehindFilesThatWereDeletedAfterTheyWereListed() throws IOException {
    long third = firstOffset(3);
    try (TopicWalk walk = TopicWalk.of(StoreView.open(store).topic("t").orElseThrow(), 0)) {
      raiseFirst(3);
      Files.delete(SegmentFiles.log(topic, 1));
      Files.delete(SegmentFiles.log(topic, 2));
      assertEquals(SegmentWalk.Step.RECORD, walk.next());
      assertEquals(third, walk.record().offset());
      assertEquals(1, walk.dropped());
    }
  }

  @Test
  void aCheckOfALiveStoreReadsTheControlFileWhenItNeedsIt() throws IOException {
    StoreView before = StoreView.open(store);
    raiseFirst(3);
    recycle(1);
    recycle(2);
    TopicReport report =
        StoreVerifier.verify(before, before.topics(), t -> {}).topics().get(0);
    assertEquals(List.of(), report.findings());
    assertEquals(firstOffset(3), report.firstOffset());
    assertEquals(MESSAGES, report.endOffset());
  }

  @Test
  void aCheckOfALiveStoreIsNotMisledByWhatIsDroppedMeanwhile() throws Exception {
    long last = DiskFixture.lastSegment(store, "t");
    Path original = store;
    int checks = 0;
    int noted = 0;
    for (int round = 0; round < 20; round++) {
      store = DiskFixture.copyOf(original, temporary.resolve("round" + round));
      topic = store.resolve("topics/t");
      FutureTask<Void> drops = new FutureTask<>(() -> dropUpTo(last));
      Thread owner = new Thread(drops, "owner");
      owner.start();
      do {
        TopicReport report = verified(true);
        assertEquals(TopicReport.State.OK, report.state(), report::toString);
        assertEquals(MESSAGES, report.endOffset());
        assertTrue(report.findings().size() <= 1, report::toString);
        noted += report.findings().size();
        checks++;
      } while (!drops.isDone());
      drops.get();
      owner.join();
    }
    System.out.printf(
        "DroppedSegmentTest: %d checks while segments were recycled, %d met it%n", checks, noted);
  }

  private Void dropUpTo(long last) throws IOException {
    for (long number = 1; number < last; number++) {
      raiseFirst(number + 1);
      recycle(number);
    }
    return null;
  }
}
