package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.VerifyReport;
import io.holdfast.storage.format.RecordLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check of a store: what it finds in whole, torn, damaged and live ones. */
class StoreVerifierTest {
  private static final int MESSAGES = 3_000;

  @TempDir private Path temporary;
  private Path directory;

  @BeforeEach
  void fill() {
    directory = temporary.resolve("store");
    try (Store store = LogFixture.open(directory)) {
      LogFixture.append(
          store.createTopic("t", LogFixture.small(Durability.powerLoss())), MESSAGES, 999);
    }
  }

  private VerifyReport verify() {
    return verify(directory);
  }

  private static VerifyReport verify(Path store) {
    StoreView view = StoreView.open(store);
    return StoreVerifier.verify(view, view.topics(), report -> {});
  }

  private TopicReport topic() {
    return verify().topics().get(0);
  }

  private Path segment(long number) {
    return DiskFixture.segment(directory, "t", number);
  }

  @Test
  void aWholeStoreHasNoFindings() {
    VerifyReport report = verify();
    assertFalse(report.damaged());
    assertEquals(List.of(), report.findings());
    TopicReport topic = report.topics().get(0);
    assertEquals(List.of(), topic.findings());
    assertEquals(MESSAGES, topic.records());
    assertEquals(MESSAGES, topic.endOffset());
    assertEquals(MESSAGES, topic.durableOffset());
    assertTrue(topic.segments() > 2, topic::toString);
  }

  @Test
  void aLiveStoreHasNoFindings() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      for (int i = 0; i < 20; i++) {
        LogFixture.append(log, 100, 700);
        VerifyReport report = verify();
        assertTrue(report.live());
        assertEquals(List.of(), report.topics().get(0).findings());
        assertEquals(log.endOffset(), report.topics().get(0).endOffset());
      }
    }
  }

  @Test
  void whatAKilledProcessLeavesIsNoDamage() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      LogFixture.append(log, 500, 999);
      Path crashed = DiskFixture.crashed(store, temporary.resolve("crashed"));
      TopicReport report = verify(crashed).topics().get(0);
      assertEquals(MESSAGES + 500, report.endOffset());
      assertEquals(TopicReport.State.OK, report.state(), report::toString);
    }
  }

  @Test
  void aFlippedByteAnywhereInARecordIsNamedWithFilePositionAndOffset() {
    long seed = Long.getLong("holdfast.verify.seed", System.nanoTime());
    System.out.println("StoreVerifierTest: -Dholdfast.verify.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 60; i++) {
      long offset = random.nextInt(MESSAGES - 1); // behind the last one nothing tells the end
      Path file = fileOf(offset);
      int position = DiskFixture.position(file, offset);
      int at = position + random.nextInt(RecordLayout.aligned(RecordLayout.HEADER + 999));
      DiskFixture.flip(file, at);
      TopicReport report = topic();
      assertEquals(TopicReport.State.DAMAGED, report.state(), "byte " + at);
      Finding finding =
          report.findings().stream()
              .filter(f -> f.severity() == Finding.Severity.DAMAGE)
              .findFirst()
              .orElseThrow();
      assertEquals(file, finding.file());
      assertEquals(offset, finding.offset());
      boolean padding = at >= position + RecordLayout.HEADER + 999;
      assertEquals(padding ? position + RecordLayout.HEADER + 999 : position, finding.position());
      assertEquals(padding ? 0 : 1, finding.lost());
      assertEquals(MESSAGES, report.endOffset());
      DiskFixture.flip(file, at);
    }
    assertEquals(List.of(), topic().findings());
  }

  private Path fileOf(long offset) {
    Path found = segment(1);
    for (Path file : SegmentFiles.list(directory.resolve("topics/t")).values()) {
      try (SegmentScanner scanner = SegmentScanner.open(file)) {
        found = scanner.begin().orElseThrow().firstOffset() <= offset ? file : found;
      }
    }
    return found;
  }

  @Test
  void allFaultsAreFoundNotOnlyTheFirst() {
    for (long offset : new long[] {2_999, 700, 20, 10}) { // a position is found by reading up to it
      Path file = fileOf(offset);
      DiskFixture.flip(file, DiskFixture.position(file, offset) + 100);
    }
    TopicReport report = topic();
    assertEquals(
        List.of(10L, 20L, 700L, 2_999L),
        report.findings().stream()
            .filter(f -> f.severity() == Finding.Severity.DAMAGE)
            .map(Finding::offset)
            .toList());
    assertEquals(10, report.goodEnd());
    assertEquals(MESSAGES - 4, report.records());
  }

  @Test
  void aMissingSegmentIsAGapOfKnownSize() throws IOException {
    Files.delete(segment(2));
    TopicReport report = topic();
    assertEquals(TopicReport.State.DAMAGED, report.state());
    Finding finding = report.findings().get(0);
    assertEquals(segment(2), finding.file());
    assertEquals(MESSAGES, report.records() + finding.lost());
  }

  @Test
  void aCutSegmentIsReadUpToItsEnd() {
    int position = DiskFixture.position(segment(2), 1_200);
    DiskFixture.truncate(segment(2), position + 50);
    TopicReport report = topic();
    assertEquals(TopicReport.State.DAMAGED, report.state());
    assertTrue(report.findings().get(0).problem().contains("cut"), report::toString);
    assertEquals(position + 50, report.findings().get(0).position());
    assertEquals(1_200, report.findings().get(1).offset());
    assertEquals(MESSAGES, report.records() + report.findings().get(1).lost());
  }

  @Test
  void oneDamagedCopyOfAHeaderIsSaidAndReadingGoesOn() {
    DiskFixture.flip(segment(1), 33);
    TopicReport report = topic();
    assertEquals(TopicReport.State.DAMAGED, report.state());
    assertEquals(MESSAGES, report.records());
    assertEquals(0, report.findings().get(0).position());
  }

  @Test
  void aHeaderWithoutAnyValidCopyCostsItsSegment() {
    long size = segment(1).toFile().length();
    for (long at : new long[] {33, 2048 + 33, size - 4096 + 2048 + 33}) {
      DiskFixture.flip(segment(1), at);
    }
    TopicReport report = topic();
    assertEquals(TopicReport.State.DAMAGED, report.state());
    assertEquals(0, report.findings().get(0).offset());
    assertEquals(MESSAGES, report.records() + report.findings().get(0).lost());
  }

  @Test
  void aWrongIndexIsANote() {
    Path index = SegmentFiles.index(directory.resolve("topics/t"), 1);
    DiskFixture.flip(index, 16 * 50);
    TopicReport report = topic();
    assertEquals(TopicReport.State.OK, report.state());
    assertEquals(Finding.Severity.NOTE, report.findings().get(0).severity());
    assertEquals(index, report.findings().get(0).file());
  }

  @Test
  void aTornTailThatNothingWasPromisedOfIsNoDamage() throws IOException {
    Path crashed;
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      RecordBatch batch = log.newBatch();
      batch.add(new byte[0], 0, new byte[100], 0, 100);
      log.append(batch); // not forced
      crashed = DiskFixture.crashed(store, temporary.resolve("crashed"));
    }
    Files.delete(crashed.resolve("store.owner")); // the process that it names is this one
    Path last = DiskFixture.segment(crashed, "t", DiskFixture.lastSegment(crashed, "t"));
    DiskFixture.flip(last, DiskFixture.position(last, MESSAGES) + 60);
    VerifyReport report = verify(crashed);
    assertFalse(report.damaged(), report::toString);
    assertEquals(TopicReport.State.TORN_TAIL, report.topics().get(0).state());
    assertEquals(MESSAGES, report.topics().get(0).goodEnd());
  }

  @Test
  void aDamagedControlFileIsNamedAndTheTopicsAreStillRead() {
    Path control = directory.resolve("store.ctl");
    DiskFixture.flip(control, 10);
    DiskFixture.flip(control, 2048 + 10);
    VerifyReport report = verify();
    assertTrue(report.damaged());
    assertEquals(control, report.findings().get(0).file());
    assertEquals(MESSAGES, report.topics().get(0).records());
  }
}
