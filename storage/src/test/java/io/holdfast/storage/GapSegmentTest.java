package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments without a message, and segments that begin behind a gap that is known. */
class GapSegmentTest {
  private static final int MESSAGES = 600;
  private static final int EPOCH = 1;

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path store;
  private Path topic;
  private UUID storeId;

  /** The only segment of the topic is sealed by hand, so that one may follow it. */
  @BeforeEach
  void makeStore() throws IOException {
    store = temporary.resolve("store");
    topic = store.resolve("topics/t");
    try (Store open = LogFixture.open(store)) {
      storeId = open.id();
      LogFixture.append(
          open.createTopic("t", LogFixture.small(Durability.powerLoss())), MESSAGES, 1_000);
    }
    for (Path file : SegmentFiles.list(topic).tailMap(2L).values()) {
      Files.delete(file); // named ahead
    }
    Path old = Files.move(SegmentFiles.log(topic, 1), temporary.resolve("old"));
    Files.deleteIfExists(SegmentFiles.index(topic, 1));
    try (SegmentWalk walk = SegmentWalk.open(old);
        SegmentFile sealed =
            SegmentFile.create(SegmentFiles.log(topic, 1), storeId, 2 << 20, 5)) {
      int time = 0;
      while (walk.next() == SegmentWalk.Step.RECORD) {
        if (walk.record().type() == RecordType.BEGIN) {
          sealed.begin(walk.record().body(0, walk.record().length() - 32), 0, EPOCH);
        } else if (walk.record().type() == RecordType.DATA) {
          time = (int) walk.record().time();
          sealed.copy(walk.record(), time);
        }
      }
      sealed.seal(MESSAGES, EPOCH, time, SegmentFiles.index(topic, 1));
    }
  }

  private void empty(long number, long offset, int flags) {
    SegmentBegin begin = new SegmentBegin(1, number, offset, 1_000_000, flags);
    int capacity = SegmentFile.capacityFor(begin.payload().length, 0);
    try (SegmentFile file =
        SegmentFile.create(SegmentFiles.log(topic, number), storeId, capacity, 100 + number)) {
      file.begin(begin.payload(), offset, EPOCH);
      file.seal(offset, EPOCH, 0, SegmentFiles.index(topic, number));
    }
  }

  private TopicView view() {
    return StoreView.open(store).topic("t").orElseThrow();
  }

  private TopicReport verified() {
    StoreView view = StoreView.open(store);
    return StoreVerifier.verify(view, view.topics(), t -> {}).topics().get(0);
  }

  private static TopicRecovery recovery(Store open) {
    return open.recovery().get(0);
  }

  @Test
  void segmentsWithoutAMessageAreLikeAnyOther() {
    empty(2, MESSAGES, 0);
    empty(3, MESSAGES, 0);
    TopicReport report = verified();
    assertEquals(List.of(), report.findings());
    assertEquals(TopicReport.State.OK, report.state());
    assertEquals(MESSAGES, report.endOffset());
    assertEquals(new TopicView.Extent(3, 0, MESSAGES, report.bytes()), view().extent());
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, recovery(open).outcome());
      LogFixture.append(open.topic("t").orElseThrow(), 10, 100);
      assertEquals(MESSAGES + 10, open.topic("t").orElseThrow().endOffset());
    }
    assertEquals(List.of(), verified().findings());
    assertEquals(MESSAGES + 10, verified().records());
  }

  @Test
  void aSegmentWithoutAMessageIsReadToItsSealWithoutAForcedMark() {
    empty(2, MESSAGES, 0);
    long mark = SegmentFiles.log(topic, 2).toFile().length() - 4096 + 512;
    DiskFixture.overwrite(SegmentFiles.log(topic, 2), mark, new byte[8]);
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, recovery(open).outcome());
      assertEquals(MESSAGES, recovery(open).endOffset());
    }
  }

  @Test
  void aFlaggedSegmentMayBeginBehindAGap() {
    empty(2, 5_000, SegmentBegin.GAP);
    TopicReport report = verified();
    assertEquals(TopicReport.State.OK, report.state());
    assertEquals(5_000, report.endOffset());
    assertEquals(MESSAGES, report.records());
    assertEquals(1, report.findings().size());
    Finding note = report.findings().get(0);
    assertEquals(Finding.Severity.NOTE, note.severity());
    assertEquals("offsets 600 to 4999 are missing: salvaged", note.problem());
    assertEquals(5_000 - MESSAGES, note.lost());
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, recovery(open).outcome());
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(5_000, log.endOffset());
      LogFixture.append(log, 10, 100);
      assertEquals(5_010, log.endOffset());
    }
    assertEquals(MESSAGES + 10, verified().records());
    assertEquals(1, verified().findings().size());
  }

  @Test
  void aWalkSaysWhereAGapIs() {
    empty(2, 5_000, SegmentBegin.GAP);
    empty(3, 5_000, 0);
    assertEquals(List.of("600 to 5000"), gaps(0));
    assertEquals(List.of("600 to 5000"), gaps(599));
    assertEquals(List.of("1000 to 5000"), gaps(1_000));
    assertEquals(List.of(), gaps(5_000));
  }

  private List<String> gaps(long from) {
    List<String> gaps = new ArrayList<>();
    try (TopicWalk walk = TopicWalk.of(view(), from)) {
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        if (step == SegmentWalk.Step.GAP) {
          gaps.add(walk.gapFrom() + " to " + walk.gapTo());
        }
      }
    }
    return gaps;
  }

  @Test
  void withoutTheFlagAGapIsDamage() {
    empty(2, 5_000, 0);
    assertEquals(TopicReport.State.DAMAGED, verified().state());
    try (Store open = LogFixture.open(store)) {
      assertThrows(DamagedTopicException.class, () -> open.topic("t"));
    }
  }

  @Test
  void aFlaggedSegmentDoesNotHideWhatTheOneBeforeItLost() {
    empty(2, 5_000, SegmentBegin.GAP);
    Path first = SegmentFiles.log(topic, 1);
    int from = DiskFixture.position(first, 500);
    DiskFixture.overwrite(first, from, new byte[RecycledFixture.end(first) - from]);
    long mark = first.toFile().length() - 4096;
    DiskFixture.overwrite(first, mark, new byte[2048]);
    TopicReport report = verified();
    assertEquals(TopicReport.State.DAMAGED, report.state());
    assertTrue(report.findings().toString().contains("expected records up to offset 5000"));
    try (Store open = LogFixture.open(store)) {
      assertThrows(DamagedTopicException.class, () -> open.topic("t"));
    }
  }
}
