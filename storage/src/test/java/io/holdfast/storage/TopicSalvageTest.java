package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.error.HoldfastException;
import io.holdfast.storage.error.StoreInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Salvage of topics that are damaged in every way: what is whole is saved, and nothing else. */
class TopicSalvageTest {
  private static final int MESSAGES = SalvageFixture.MESSAGES;

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path store;
  private Path topic;
  private SortedMap<Long, String> all;

  @BeforeEach
  void fill() {
    store = temporary.resolve("store");
    topic = store.resolve("topics/t");
    SalvageFixture.fill(store, "t");
    all = SalvageFixture.whole(store, "t");
    assertEquals(MESSAGES, all.size());
  }

  private Path segment(long number) {
    return SegmentFiles.log(topic, number);
  }

  private long lastSegment() {
    return DiskFixture.lastSegment(store, "t");
  }

  private long firstOffset(long number) {
    return SalvageFixture.firstOffset(segment(number));
  }

  private void damage(long... offsets) {
    for (int i = offsets.length - 1; i >= 0; i--) { // a position is found by reading up to it
      Path file = fileOf(offsets[i]);
      DiskFixture.flip(file, DiskFixture.position(file, offsets[i]) + 100);
    }
  }

  private Path fileOf(long offset) {
    return SalvageFixture.fileOf(topic, offset);
  }

  private SalvageReport salvage() {
    return TopicSalvage.salvage(store, "t", LogFixture.clockAt(5_000_000));
  }

  /** Salvages, and checks that exactly these offsets are gone. */
  private SalvageReport salvaged(SalvageReport.Gap... gaps) {
    SalvageReport plan = TopicSalvage.plan(store, "t");
    SalvageReport report = salvage();
    assertEquals(SalvageReport.Outcome.SALVAGED, report.outcome());
    assertEquals(List.of(gaps), report.gaps());
    assertEquals(report.gaps(), plan.gaps());
    assertEquals(report.copied(), plan.copied());
    assertEquals(report.kept(), plan.kept());
    assertEquals(report.made(), plan.made());
    assertEquals(report.endOffset(), plan.endOffset());
    SortedMap<Long, String> expected = new TreeMap<>(all);
    for (SalvageReport.Gap gap : gaps) {
      expected.subMap(gap.from(), gap.to()).clear();
    }
    assertEquals(expected, SalvageFixture.whole(store, "t"));
    assertEquals(MESSAGES, report.endOffset());
    assertFalse(Files.exists(topic.resolve("salvage")));
    for (Path aside : report.setAside()) {
      assertTrue(Files.exists(aside), aside.toString());
    }
    SalvageFixture.isWholeAgain(store, "t", MESSAGES, report.lost());
    assertEquals(SalvageReport.Outcome.NOT_NEEDED, salvage().outcome());
    return report;
  }

  private static SalvageReport.Gap gap(long from, long to) {
    return new SalvageReport.Gap(from, to);
  }

  @Test
  void aTopicWithoutDamageIsLeftAsItIs() throws IOException {
    byte[] before = Files.readAllBytes(segment(1));
    SalvageReport report = salvage();
    assertEquals(SalvageReport.Outcome.NOT_NEEDED, report.outcome());
    assertEquals(MESSAGES, report.endOffset());
    assertEquals(SalvageReport.Outcome.NOT_NEEDED, TopicSalvage.plan(store, "t").outcome());
    assertArrayEquals(before, Files.readAllBytes(segment(1)));
  }

  @Test
  void oneBadRecordCostsOneMessage() {
    long segments = lastSegment();
    damage(70);
    SalvageReport report = salvaged(gap(70, 71));
    assertEquals(segments - 1, report.kept());
    assertEquals(2, report.made());
    assertEquals(1, report.setAside().size());
  }

  @Test
  void theDamagedFileIsKeptWhole() throws IOException {
    damage(70);
    byte[] damaged = Files.readAllBytes(fileOf(70));
    SalvageReport report = salvage();
    assertArrayEquals(damaged, Files.readAllBytes(report.setAside().get(0)));
  }

  @Test
  void severalDamagesLeaveSeveralGaps() {
    damage(3, 4, 60, 61, 62, 100, 130, 131, 200);
    salvaged(gap(3, 5), gap(60, 63), gap(100, 101), gap(130, 132), gap(200, 201));
  }

  @Test
  void theFirstAndTheLastMessageOfATopicMayBeLost() {
    damage(0, MESSAGES - 1);
    salvaged(gap(0, 1), gap(MESSAGES - 1, MESSAGES));
  }

  @Test
  void aSegmentThatWasDeletedIsAGap() throws IOException {
    long from = firstOffset(3);
    long to = firstOffset(4);
    Files.delete(segment(3));
    SalvageReport report = salvaged(gap(from, to));
    assertEquals(0, report.copied());
    assertEquals(1, report.made());
    assertEquals(List.of(), report.setAside());
  }

  @Test
  void theFirstSegmentMayBeDeletedAndTheLast() throws IOException {
    long last = lastSegment();
    long to = firstOffset(2);
    long from = firstOffset(last);
    Files.delete(segment(1));
    Files.delete(segment(last));
    salvaged(gap(0, to), gap(from, MESSAGES));
  }

  @Test
  void everySegmentMayBeDeletedAndNoOffsetIsGivenTwice() throws IOException {
    for (Path file : SegmentFiles.list(topic).values()) {
      Files.delete(file);
    }
    salvaged(gap(0, MESSAGES));
  }

  @Test
  void aSegmentThatWasCutKeepsWhatIsBeforeTheCut() {
    long next = firstOffset(3);
    DiskFixture.truncate(segment(2), DiskFixture.position(segment(2), next - 7) + 50);
    salvaged(gap(next - 7, next));
  }

  @Test
  void aBeginRecordThatIsLostCostsNoMessage() {
    for (long number : new long[] {1, 3}) {
      DiskFixture.flip(segment(number), 4096 + 40);
    }
    SalvageReport report = salvaged();
    assertFalse(report.timesEstimated(), "a footer knows the time as well");
    assertEquals(0, report.lost());
  }

  @Test
  void aBeginRecordThatIsLostInTheLastSegmentCostsTheTimeOnly() {
    long last = lastSegment();
    long first = firstOffset(last);
    DiskFixture.flip(segment(last), 4096 + 40);
    SalvageReport report = salvage();
    assertTrue(report.timesEstimated());
    assertEquals(List.of(), report.gaps());
    SortedMap<Long, String> saved = SalvageFixture.whole(store, "t");
    assertEquals(all.headMap(first), saved.headMap(first));
    assertEquals(all.keySet(), saved.keySet());
    SalvageFixture.isWholeAgain(store, "t", MESSAGES, 0);
  }

  @Test
  void aCopyOfTheHeaderThatIsLostIsWrittenAgain() {
    DiskFixture.flip(segment(2), 10);
    DiskFixture.flip(segment(3), 2048 + 10);
    salvaged();
  }

  @Test
  void aSegmentWithoutAnyCopyOfItsHeaderIsAGap() throws IOException {
    long from = firstOffset(2);
    long to = firstOffset(3);
    for (long copy : new long[] {10, 2048 + 10, Files.size(segment(2)) - 2048 + 10}) {
      DiskFixture.flip(segment(2), copy);
    }
    salvaged(gap(from, to));
  }

  @Test
  void aFooterThatIsWrongIsWrittenAgain() throws IOException {
    DiskFixture.flip(segment(2), Files.size(segment(2)) - 4096 + 10);
    DiskFixture.flip(segment(3), Files.size(segment(3)) - 4096 + 512);
    salvaged();
  }

  @Test
  void aSealThatIsLostIsWrittenAgain() {
    DiskFixture.flip(segment(2), RecycledFixture.end(segment(2)) - 16);
    salvaged();
  }

  @Test
  void segmentsThatWereSwappedAreFoundTheirPlaces() throws IOException {
    Path aside = temporary.resolve("aside");
    Files.move(segment(2), aside);
    Files.move(segment(3), segment(2));
    Files.move(aside, segment(3));
    assertEquals(2, salvaged().made());
  }

  @Test
  void aSegmentOfAnotherTopicIsNotTakenForOneOfThisTopic() throws IOException {
    try (Store open = LogFixture.open(store)) {
      TopicLog other = open.createTopic("other", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(other, MESSAGES, SalvageFixture.LENGTH);
    }
    long from = firstOffset(2);
    long to = firstOffset(3);
    Files.copy(
        DiskFixture.segment(store, "other", 2),
        segment(2),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    salvaged(gap(from, to));
  }

  @Test
  void whatWasForcedBehindTheEndIsLostAndItsOffsetsAreNotGivenAgain() {
    long last = lastSegment();
    int from = DiskFixture.position(segment(last), MESSAGES - 5);
    DiskFixture.overwrite(
        segment(last), from, new byte[RecycledFixture.end(segment(last)) - from]);
    salvaged(gap(MESSAGES - 5, MESSAGES));
  }

  @Test
  void recordsOfEarlierLivesAreNotSaved() {
    long last = lastSegment();
    RecycledFixture.fillBehind(segment(last), segment(2));
    damage(70, MESSAGES - 3);
    salvaged(gap(70, 71), gap(MESSAGES - 3, MESSAGES - 2));
  }

  @Test
  void aSegmentInWhichNothingIsLeftIsKeptAsTheOthers() throws IOException {
    long from = firstOffset(3);
    long to = firstOffset(4);
    DiskFixture.overwrite(
        segment(3), 4096, new byte[(int) Files.size(segment(3)) - 8192 + 2048]);
    assertEquals(1, salvaged(gap(from, to)).setAside().size());
  }

  @Test
  void aTopicCanBeSalvagedAgain() {
    damage(70);
    salvage();
    damage(20, 75, 150);
    SalvageReport report = salvage();
    assertEquals(List.of(gap(20, 21), gap(75, 76), gap(150, 151)), report.gaps());
    SalvageFixture.isWholeAgain(store, "t", MESSAGES, 4);
    try (var kept = Files.list(store.resolve("quarantine"))) {
      assertEquals(2, kept.count());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void damageAtRandomLeavesWhatACheckCallsGood() {
    long seed = Long.getLong("holdfast.salvage.seed", System.nanoTime());
    System.out.println("TopicSalvageTest: -Dholdfast.salvage.seed=" + seed);
    Random random = new Random(seed);
    Path original = store;
    int salvages = 0;
    for (int round = 0; round < 40; round++) {
      store = DiskFixture.copyOf(original, temporary.resolve("round" + round));
      topic = store.resolve("topics/t");
      List<String> done = new ArrayList<>();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        done.add(damage(random));
      }
      String where = "seed " + seed + ", round " + round + ": " + done;
      SortedMap<Long, String> good = SalvageFixture.whole(store, "t");
      SalvageReport report = salvage();
      assertEquals(good.keySet(), SalvageFixture.whole(store, "t").keySet(), where);
      if (!report.timesEstimated()) {
        good.values().removeIf(message -> message.endsWith("?")); // known again now
        SortedMap<Long, String> saved = SalvageFixture.whole(store, "t");
        saved.keySet().retainAll(good.keySet());
        assertEquals(good, saved, where);
      }
      salvages += report.outcome() == SalvageReport.Outcome.SALVAGED ? 1 : 0;
      SalvageFixture.isWholeAgain(store, "t", MESSAGES, MESSAGES - good(report));
    }
    System.out.printf("TopicSalvageTest: %d salvages of 40 topics%n", salvages);
    assertTrue(salvages > 20, "only " + salvages);
  }

  private static long good(SalvageReport report) {
    return report.endOffset() - report.lost();
  }

  private String damage(Random random) {
    long last = lastSegment();
    long number = 1 + random.nextInt((int) last);
    Path file = segment(number);
    int size = (int) file.toFile().length();
    int at = random.nextInt(4) == 0 ? random.nextInt(8_192) : random.nextInt(size);
    switch (random.nextInt(5)) {
      case 0 -> {
        int bytes = Math.min(size - at, 1 + random.nextInt(100_000));
        DiskFixture.overwrite(file, at, new byte[bytes]);
        return "zeros at %d of segment %d".formatted(at, number);
      }
      case 1 -> {
        byte[] noise = new byte[Math.min(size - at, 1 + random.nextInt(5_000))];
        random.nextBytes(noise);
        DiskFixture.overwrite(file, at, noise);
        return "noise at %d of segment %d".formatted(at, number);
      }
      default -> {
        DiskFixture.flip(file, at);
        return "flip at %d of segment %d".formatted(at, number);
      }
    }
  }

  @Test
  void aStoreThatIsOpenIsNotTouched() {
    damage(70);
    try (Store open = LogFixture.open(store)) {
      assertEquals(MESSAGES, open.topic("t").orElseThrow().endOffset());
      assertThrows(StoreInUseException.class, this::salvage);
    }
  }

  @Test
  void whatCannotBeSalvagedIsSaid() {
    assertThrows(HoldfastException.class, () -> TopicSalvage.salvage(store, "none"));
    DiskFixture.flip(store.resolve("store.ctl"), 10);
    DiskFixture.flip(store.resolve("store.ctl"), 2048 + 10);
    assertThrows(DamagedStoreException.class, this::salvage);
  }

  @Test
  void whatANewerVersionWroteIsNotCut() {
    Path file = fileOf(70);
    int at = DiskFixture.position(file, 70);
    byte[] record = DiskFixture.read(file, at, 32 + SalvageFixture.LENGTH);
    record[9] = 1; // a flag that is not known
    long salt;
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      salt = scanner.header().orElseThrow().salt();
    }
    var checksum = new io.holdfast.storage.format.RecordChecksum();
    int body = checksum.ofBody(record, 32, SalvageFixture.LENGTH);
    checksum.place(salt, at, record.length);
    System.arraycopy(record, 8, checksum.header(), 16, 24);
    int crc = checksum.finish(body);
    for (int i = 0; i < 4; i++) {
      record[4 + i] = (byte) (crc >>> 8 * i);
    }
    DiskFixture.overwrite(file, at, record);
    damage(20);
    assertThrows(FormatVersionException.class, this::salvage);
    assertEquals(lastSegment(), SegmentFiles.list(topic).lastKey());
  }
}
