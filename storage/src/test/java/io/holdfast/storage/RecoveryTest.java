package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.format.FileHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {
  @TempDir Path temporary;

  private Path store;

  private Store openStore() {
    store = temporary.resolve("store");
    return LogFixture.open(store);
  }

  /** A store with one topic, closed, or copied while it was open. */
  private void makeStore(Durability durability, int messages, boolean crash) {
    try (Store open = openStore()) {
      TopicLog log = open.createTopic("t", LogFixture.small(durability));
      appendUnforced(log, messages);
      if (durability.forcesBeforeConfirming()) {
        log.force(log.endOffset());
      }
      if (crash) {
        store = DiskFixture.crashed(open, temporary.resolve("crashed"));
      }
    }
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

  private TopicRecovery outcome(Store open) {
    return open.recovery().get(0);
  }

  private Path segment(long number) {
    return DiskFixture.segment(store, "t", number);
  }

  private static List<Long> upTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss"})
  void everythingIsThereAfterAKill(String durability) {
    makeStore(Durability.parse(durability), 3_000, true);
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, outcome(open).outcome(), outcome(open).detail());
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(upTo(3_000), LogFixture.offsets(log, 0));
      LogFixture.append(log, 2_000, 1_000);
      assertEquals(upTo(5_000), LogFixture.offsets(log, 0));
    }
  }

  @Test
  void eachOpeningForWritingRaisesTheEpoch() {
    makeStore(Durability.processCrash(), 1, false);
    try (Store open = LogFixture.open(store)) {
      assertEquals(2, open.writerEpoch());
    }
    try (Store open = LogFixture.open(store)) {
      assertEquals(3, open.writerEpoch());
    }
  }

  @Test
  void aTornTailIsCutAndWhatStoodBehindItIsSetAside() throws IOException {
    makeStore(Durability.processCrash(), 500, true);
    DiskFixture.flip(segment(1), DiskFixture.position(segment(1), 490) + 100);
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.TORN_TAIL, outcome(open).outcome());
      assertEquals(490, outcome(open).endOffset());
      assertEquals(9, outcome(open).setAside());
      assertTrue(outcome(open).detail().contains("offset 490"), outcome(open).detail());
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(upTo(490), LogFixture.offsets(log, 0));
      LogFixture.append(log, 1_000, 1_000);
      assertEquals(upTo(1_490), LogFixture.offsets(log, 0));
    }
    try (Stream<Path> aside = Files.list(store.resolve("quarantine"))) {
      assertEquals(1, aside.count());
    }
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, outcome(open).outcome(), outcome(open).detail());
    }
  }

  @Test
  void aRecordOfAnEarlierLifeDoesNotComeBackBehindANewOne() {
    makeStore(Durability.processCrash(), 100, true);
    Path file = segment(1);
    int fiftieth = DiskFixture.position(file, 50);
    int next = DiskFixture.position(file, 51);
    byte[] old = DiskFixture.read(file, next, 40_000);
    DiskFixture.flip(file, fiftieth + 100);
    try (Store open = LogFixture.open(store)) {
      appendUnforced(open.topic("t").orElseThrow(), 1);
      store = DiskFixture.crashed(open, temporary.resolve("again"));
    }
    // As if the zeros that recovery wrote had never reached the device.
    DiskFixture.overwrite(segment(1), next, old);
    assertEquals(51, DiskFixture.read(segment(1), next + 16, 1)[0]);
    try (Store open = LogFixture.open(store)) {
      assertEquals(51, outcome(open).endOffset(), outcome(open).detail());
      assertEquals(upTo(51), LogFixture.offsets(open.topic("t").orElseThrow(), 0));
    }
  }

  @Test
  void damageToWhatWasForcedRefusesThatTopicAloneAndChangesNothing() throws IOException {
    makeStore(Durability.powerLoss(), 3_000, false);
    try (Store open = LogFixture.open(store)) {
      LogFixture.append(open.createTopic("other", LogFixture.small(Durability.powerLoss())), 5, 9);
    }
    // The last segment carries no forced mark, so it is read at each opening.
    long last = lastSegment();
    long offset = 2_990;
    long at = DiskFixture.position(segment(last), offset) + 50;
    DiskFixture.flip(segment(last), at);
    byte[] before = Files.readAllBytes(segment(last));
    try (Store open = LogFixture.open(store)) {
      DamagedTopicException e =
          assertThrows(DamagedTopicException.class, () -> open.topic("t"));
      String message = e.getMessage();
      assertTrue(message.contains(segment(last).toString()), message);
      assertTrue(message.contains("offset 2990") && message.contains("position"), message);
      assertTrue(message.contains("3000"), message);
      assertEquals(5, open.topic("other").orElseThrow().endOffset());
      assertEquals(List.of("other", "t"), open.topicNames());
    }
    assertArrayEquals(before, Files.readAllBytes(segment(last)));
    DiskFixture.flip(segment(last), at);
    try (Store open = LogFixture.open(store)) {
      assertEquals(3_000, open.topic("t").orElseThrow().endOffset());
    }
  }

  private long lastSegment() {
    return DiskFixture.lastSegment(store, "t");
  }

  @Test
  void aTruncatedSegmentIsRefusedWithItsSize() {
    makeStore(Durability.powerLoss(), 100, false);
    DiskFixture.truncate(segment(1), 50_000);
    try (Store open = LogFixture.open(store)) {
      String message =
          assertThrows(DamagedTopicException.class, () -> open.topic("t")).getMessage();
      assertTrue(message.contains("1048576") && message.contains("50000"), message);
    }
  }

  @Test
  void eachCopyOfTheHeaderServes() {
    makeStore(Durability.powerLoss(), 100, false);
    for (long copy : new long[] {0, 2048}) {
      DiskFixture.flip(segment(1), copy + 41);
      try (Store open = LogFixture.open(store)) {
        assertEquals(100, open.topic("t").orElseThrow().endOffset());
      }
    }
    DiskFixture.flip(segment(1), (1 << 20) - 2048 + 41);
    try (Store open = LogFixture.open(store)) {
      String message =
          assertThrows(DamagedTopicException.class, () -> open.topic("t")).getMessage();
      assertTrue(message.contains("none of its three copies"), message);
    }
  }

  @Test
  void aSegmentOfANewerFormatIsNotTouched() {
    makeStore(Durability.powerLoss(), 100, false);
    for (long copy : new long[] {0, 2048}) {
      DiskFixture.overwrite(segment(1), copy, newerHeader());
    }
    try (Store open = LogFixture.open(store)) {
      DamagedTopicException refused =
          assertThrows(DamagedTopicException.class, () -> open.topic("t"));
      Throwable newer = refused.getCause().getCause();
      assertEquals(FormatVersionException.class, newer.getClass());
      String message = refused.getMessage();
      assertTrue(message.contains("version 99"), message);
      assertTrue(message.contains("knows version " + FileHeader.VERSION), message);
      LogFixture.append(open.createTopic("other", LogFixture.small(Durability.powerLoss())), 1, 1);
    }
  }

  private byte[] newerHeader() {
    byte[] header = DiskFixture.read(segment(1), 0, 64);
    header[8] = 99;
    header[10] = 99;
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(header, 0, 60);
    for (int i = 0; i < 4; i++) {
      header[60 + i] = (byte) (crc.getValue() >>> 8 * i);
    }
    return header;
  }

  @Test
  void twoSegmentsThatWereSwappedAreFoundOut() throws IOException {
    makeStore(Durability.powerLoss(), 3_000, false);
    Path aside = segment(1).resolveSibling("aside");
    Files.move(segment(1), aside);
    Files.move(segment(2), segment(1));
    Files.move(aside, segment(2));
    refusedWith("expected segment 1 of topic number 1, found segment 2");
  }

  @Test
  void aMissingSegmentIsFoundOut() throws IOException {
    makeStore(Durability.powerLoss(), 3_000, false);
    Files.delete(segment(2));
    refusedWith("0000000002.log, position 0");
  }

  @Test
  void theMissingFirstSegmentIsFoundOut() throws IOException {
    makeStore(Durability.powerLoss(), 3_000, false);
    Files.delete(segment(1));
    refusedWith("0000000001.log, position 0");
  }

  @Test
  void aForeignSegmentIsFoundOut() throws IOException {
    makeStore(Durability.powerLoss(), 100, false);
    Path ours = segment(1);
    Path other = temporary.resolve("other");
    try (Store open = LogFixture.open(other)) {
      LogFixture.append(open.createTopic("t", LogFixture.small(Durability.powerLoss())), 100, 9);
    }
    Files.copy(
        DiskFixture.segment(other, "t", 1), ours, StandardCopyOption.REPLACE_EXISTING);
    refusedWith("found one of store");
  }

  private void refusedWith(String part) {
    try (Store open = LogFixture.open(store)) {
      String message =
          assertThrows(DamagedTopicException.class, () -> open.topic("t")).getMessage();
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void anIndexIsRebuiltWhenItIsMissingAndNeverBelieved() throws IOException {
    makeStore(Durability.powerLoss(), 3_000, false);
    for (long number = 1; number < lastSegment(); number++) { // which has none before it is sealed
      Path index = Path.of(segment(number).toString().replace(".log", ".idx"));
      if (number == 1) {
        Files.delete(index);
      } else {
        byte[] garbage = DiskFixture.read(index, 0, (int) Files.size(index));
        for (int i = 16; i < garbage.length; i++) {
          garbage[i] = (byte) (i * 31);
        }
        DiskFixture.overwrite(index, 0, garbage);
      }
    }
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.topic("t").orElseThrow();
      for (long offset = 0; offset < 3_000; offset += 97) {
        assertEquals(offset, LogFixture.offsets(log, offset).get(0));
      }
    }
  }

  @Test
  void aRollThatWasCutShortIsFinished() {
    makeStore(Durability.processCrash(), 3_000, true);
    long last = lastSegment();
    Path sealed = segment(last - 1);
    int seal = sealPosition(sealed);
    DiskFixture.overwrite(sealed, seal, new byte[32]);
    DiskFixture.overwrite(sealed, (1 << 20) - 4096, new byte[2048]);
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, outcome(open).outcome(), outcome(open).detail());
      assertEquals(upTo(3_000), LogFixture.offsets(open.topic("t").orElseThrow(), 0));
    }
    assertEquals(seal, sealPosition(sealed));
  }

  private static int sealPosition(Path file) {
    try (io.holdfast.storage.check.SegmentScanner scanner =
        io.holdfast.storage.check.SegmentScanner.open(file)) {
      scanner.begin();
      while (scanner.next()) {
        if (scanner.type() == io.holdfast.storage.format.RecordType.SEAL) {
          return scanner.position();
        }
      }
    }
    throw new AssertionError("not sealed: " + file);
  }

  @Test
  void aSealedLastSegmentGetsASuccessor() throws IOException {
    makeStore(Durability.processCrash(), 3_000, true);
    long last = lastSegment();
    int before = (int) firstOffset(segment(last));
    Files.delete(segment(last));
    Files.deleteIfExists(segment(last + 1)); // named ahead
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(before, log.endOffset());
      LogFixture.append(log, 100, 10);
      assertEquals(upTo(before + 100), LogFixture.offsets(log, 0));
    }
  }

  private static long firstOffset(Path file) {
    try (io.holdfast.storage.check.SegmentScanner scanner =
        io.holdfast.storage.check.SegmentScanner.open(file)) {
      return scanner.begin().orElseThrow().firstOffset();
    }
  }

  @Test
  void whatAKilledAppendLeftBehindTheEndIsNoTornTail() {
    makeStore(Durability.processCrash(), 10, true);
    int end = DiskFixture.position(segment(1), 9) + 1_032;
    DiskFixture.overwrite(segment(1), end + 32, LogFixture.message(7, 500));
    try (Store open = LogFixture.open(store)) {
      assertEquals(TopicRecovery.Outcome.CLEAN, outcome(open).outcome());
      assertEquals(10, outcome(open).endOffset());
      appendUnforced(open.topic("t").orElseThrow(), 10);
      assertEquals(upTo(20), LogFixture.offsets(open.topic("t").orElseThrow(), 0));
    }
  }
}
