package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.error.DamagedTopicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recovery and verify over segments full of records of earlier lives of their files. */
class RecycledSegmentTest {
  private static final int MESSAGES = 1_300;
  private static final int LENGTH = 1_000;

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path store;
  private UUID storeId;

  /** Segment 2 of the topic is written to, behind its end stand records of another topic. */
  private void makeStore(Durability durability) {
    Path live = temporary.resolve("store");
    try (Store open = LogFixture.open(live)) {
      storeId = open.id();
      TopicLog other = open.createTopic("other", LogFixture.small(Durability.processCrash()));
      LogFixture.append(other, 4_000, LENGTH);
      TopicLog log = open.createTopic("t", LogFixture.small(durability));
      LogFixture.append(log, 1_100, LENGTH);
      unforced(log, MESSAGES - 1_100);
      open.onAgent(() -> null);
      store = DiskFixture.crashed(open, temporary.resolve("crashed"));
    }
    recycle(3);
  }

  private void recycle(long donor) {
    RecycledFixture.fillBehind(active(), DiskFixture.segment(store, "other", donor));
  }

  private static void unforced(TopicLog log, int messages) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < messages; i++) {
      byte[] payload = LogFixture.message(log.endOffset(), LENGTH);
      batch.clear();
      batch.add(new byte[0], 0, payload, 0, payload.length);
      log.append(batch);
    }
  }

  private Path active() {
    return DiskFixture.segment(store, "t", 2);
  }

  private TopicReport verified() throws IOException {
    Files.deleteIfExists(store.resolve("store.owner")); // the process that it names is this one
    StoreView view = StoreView.open(store);
    return StoreVerifier.verify(view, List.of(view.topic("t").orElseThrow()), t -> {})
        .topics()
        .get(0);
  }

  private static TopicRecovery recovery(Store open) {
    return open.recovery().stream().filter(r -> r.name().equals("t")).findFirst().orElseThrow();
  }

  private static List<Long> upTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  private void reopened(TopicRecovery.Outcome outcome, long end) {
    try (Store open = LogFixture.open(store)) {
      TopicRecovery found = recovery(open);
      assertEquals(outcome, found.outcome(), found.detail());
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(upTo(end), LogFixture.offsets(log, 0));
    }
  }

  private long setAside() throws IOException {
    try (Stream<Path> files = Files.list(store.resolve("quarantine"))) {
      return files.count();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void recordsOfEarlierLivesBehindTheEndAreNoTornTail(long donor) throws IOException {
    makeStore(Durability.powerLoss());
    recycle(donor); // with lower offsets, with the same, with higher ones
    TopicReport report = verified();
    assertEquals(TopicReport.State.OK, report.state(), report::toString);
    assertEquals(List.of(), report.findings());
    assertEquals(MESSAGES, report.endOffset());
    byte[] before = RecycledFixture.content(active());
    reopened(TopicRecovery.Outcome.CLEAN, MESSAGES);
    assertArrayEquals(before, RecycledFixture.content(active()), "there was nothing to write");
    assertEquals(0, setAside());
    try (Store open = LogFixture.open(store)) {
      LogFixture.append(open.topic("t").orElseThrow(), 100, LENGTH);
    }
    reopened(TopicRecovery.Outcome.CLEAN, MESSAGES + 100);
    assertEquals(List.of(), verified().findings());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void recycledSegmentsThatWereNamedAheadAreUnused(int ahead) throws IOException {
    makeStore(Durability.processCrash());
    for (int i = 0; i < ahead; i++) {
      RecycledFixture.nameAhead(
          DiskFixture.segment(store, "other", 2 + i % 2),
          DiskFixture.segment(store, "t", 3 + i),
          storeId,
          77 + i);
    }
    TopicReport report = verified();
    assertEquals(List.of(), report.findings());
    assertEquals(MESSAGES, report.endOffset());
    reopened(TopicRecovery.Outcome.CLEAN, MESSAGES);
    assertFalse(Files.exists(DiskFixture.segment(store, "t", 3)));
    assertEquals(0, setAside());
  }

  @Test
  void whatIsTornIsCutUpToTheLastRecordOfThisLife() throws IOException {
    makeStore(Durability.processCrash());
    Path active = active();
    int torn = DiskFixture.position(active, MESSAGES - 10);
    int end = RecycledFixture.end(active);
    DiskFixture.flip(active, torn + 100);
    byte[] before = RecycledFixture.content(active);
    assertEquals(TopicReport.State.TORN_TAIL, verified().state());
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.TORN_TAIL, recovery(open).outcome());
      assertEquals(9, recovery(open).setAside());
      assertEquals(
          upTo(MESSAGES - 10), LogFixture.offsets(open.topic("t").orElseThrow(), 0));
    }
    byte[] after = RecycledFixture.content(active);
    assertArrayEquals(new byte[end - torn], Arrays.copyOfRange(after, torn, end));
    int footer = after.length - 4096;
    assertArrayEquals(
        Arrays.copyOfRange(before, end, footer), Arrays.copyOfRange(after, end, footer));
    try (Stream<Path> files = Files.list(store.resolve("quarantine"))) {
      assertEquals(List.of((long) end - torn), files.map(f -> f.toFile().length()).toList());
    }
    reopened(TopicRecovery.Outcome.CLEAN, MESSAGES - 10);
  }

  /** The page with the zero length behind the last record did not reach the device. */
  @Test
  void aStaleRecordWhereTheZeroLengthWasLostIsCut() throws IOException {
    makeStore(Durability.processCrash());
    Path active = active();
    int end = RecycledFixture.end(active);
    Path donor = DiskFixture.segment(store, "other", 3);
    DiskFixture.overwrite(active, end, DiskFixture.read(donor, end, 8));
    assertFalse(Arrays.equals(new byte[8], DiskFixture.read(donor, end, 8)));
    assertEquals(TopicReport.State.TORN_TAIL, verified().state());
    reopened(TopicRecovery.Outcome.TORN_TAIL, MESSAGES);
    assertEquals(0, setAside());
    assertArrayEquals(new byte[8], DiskFixture.read(active, end, 8));
    reopened(TopicRecovery.Outcome.CLEAN, MESSAGES);
  }

  @Test
  void damageToWhatWasForcedIsNotTakenForStaleBytes() throws IOException {
    makeStore(Durability.powerLoss());
    int position = DiskFixture.position(active(), 1_050);
    DiskFixture.overwrite(active(), position, new byte[8]);
    assertEquals(TopicReport.State.DAMAGED, verified().state());
    try (Store open = LogFixture.open(store)) {
      String refused =
          assertThrows(DamagedTopicException.class, () -> open.topic("t")).getMessage();
      String where = "0000000002.log, position %d, offset 1050: ".formatted(position);
      assertTrue(refused.contains(where), refused);
    }
  }

  @Test
  void aBeginThatWasLostIsFoundOutByTheRecordsBehindIt() throws IOException {
    makeStore(Durability.powerLoss());
    DiskFixture.overwrite(active(), 4096, new byte[8]);
    assertEquals(TopicReport.State.DAMAGED, verified().state());
    try (Store open = LogFixture.open(store)) {
      assertThrows(DamagedTopicException.class, () -> open.topic("t"));
    }
  }

  /** The seal of a roll was lost, and the begin of the next segment, but the footer was not. */
  @Test
  void aFooterWithoutASealIsClearedInTheLastSegment() throws IOException {
    makeStore(Durability.processCrash());
    Path first = DiskFixture.segment(store, "t", 1);
    Files.delete(active());
    int seal = RecycledFixture.end(first) - 32;
    DiskFixture.overwrite(first, seal, new byte[32]);
    int footer = (int) Files.size(first) - 4096;
    DiskFixture.overwrite(first, footer + 512, new byte[8]); // nor was it marked as forced
    DiskFixture.overwrite(store.resolve("store.ctl"), 4096, new byte[4096]);
    RecycledFixture.fillBehind(first, DiskFixture.segment(store, "other", 1));
    long end;
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, recovery(open).outcome());
      end = open.topic("t").orElseThrow().endOffset();
      assertTrue(end > 700 && end < MESSAGES, "it ended at " + end);
    }
    assertArrayEquals(new byte[2048], DiskFixture.read(first, footer, 2048));
    assertEquals(List.of(), verified().findings());
  }
}
