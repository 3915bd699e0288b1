package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
  @TempDir Path directory;

  @Test
  void aReaderThatCannotGoOnStaysWhereItIsAndMayTryAgain() throws IOException {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 2_000, 1_000);
    }
    try (Store store = LogFixture.open(directory)) { // which maps nothing before it is read
      TopicLog log = store.topic("t").orElseThrow();
      long[] next = {0};
      try (LogReader reader = log.reader(0)) {
        Path second = DiskFixture.segment(directory, "t", log.segments().ofOffset(1_500).number());
        Path away = directory.resolve("away");
        Files.move(second, away);
        for (int i = 0; i < 2; i++) {
          assertThrows(
              StorageIoException.class,
              () -> reader.poll(record -> assertEquals(next[0]++, record.offset()), 5_000));
          assertEquals(next[0], reader.offset());
        }
        assertThrows(StorageIoException.class, () -> reader.seek(1_500));
        assertEquals(next[0], reader.offset());
        Files.move(away, second);
        reader.poll(record -> assertEquals(next[0]++, record.offset()), 5_000);
      }
      assertEquals(2_000, next[0]);
    }
  }

  @Test
  void theEarliestTimeThereIsFindsTheFirstMessage() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 500, 1_000);
      assertEquals(0, log.offsetAt(Long.MIN_VALUE));
      assertEquals(500, log.offsetAt(Long.MAX_VALUE));
    }
  }

  @Test
  void anIndexWithWrongTimesHidesNoMessage() {
    CachedEpochClock clock = LogFixture.clockAt(0);
    try (Store store = Store.open(directory, new StoreConfig(clock))) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      for (int i = 0; i < 500; i++) {
        clock.update(i * 1_000L);
        LogFixture.append(log, 1, 1_000);
      }
      Path index = DiskFixture.segment(directory, "t", 1).resolveSibling("0000000001.idx");
      for (int page = 1; page < 100; page++) {
        DiskFixture.overwrite(
            index, page * IndexLayout.ENTRY + IndexLayout.TIME, new byte[] {0, 0, 0, 0});
      }
      for (int offset = 1; offset < 500; offset += 50) {
        assertEquals(offset, log.offsetAt(offset * 1_000L));
      }
    }
  }

  @Test
  void theIndexOfASegmentOfAnySizeIsUsed() {
    TopicSettings odd =
        new TopicSettings(Durability.powerLoss(), 8 << 20, 300_000, new TreeMap<>());
    try (Store store = Store.open(directory)) { // with segments that grow
      TopicLog log = store.createTopic("t", odd);
      LogFixture.append(log, 1_000, 1_000);
      store.atRest(() -> null);
      assertIndexed(log);
    }
    try (Store store = LogFixture.open(directory)) {
      assertIndexed(store.topic("t").orElseThrow());
    }
  }

  private static void assertIndexed(TopicLog log) {
    assertTrue(log.segments().last().number() > 2, "expected rolls");
    for (Segment segment : log.segments().all()) {
      if (log.segments().ofOffset(segment.firstOffset()) != segment) {
        continue; // its messages came in a batch that was too large for it
      }
      assertTrue(segment.pin());
      long end = log.endOffset();
      long inTheMiddle = segment.firstOffset() + 30;
      int position = segment.index().positionOf(inTheMiddle, end);
      assertTrue(position > SegmentLayout.DATA, () -> "expected a use of the index: " + segment);
      assertTrue(position < SegmentLayout.DATA + 32 * 1_100, () -> segment + ": " + position);
      segment.unpin();
    }
  }

  @Test
  void aDamagedLengthAsksForNoMoreMemoryThanAMessageMayTake() {
    TopicSettings large =
        new TopicSettings(Durability.processCrash(), 1 << 30, 250 << 10, new TreeMap<>());
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", large);
      LogFixture.append(log, 1_000, 1_000);
      Segment last = log.segments().last();
      assertTrue(last.capacity() >= 1 << 20, () -> last + ": " + last.capacity());
      int at = DiskFixture.position(last.file(), last.firstOffset() + 5);
      DiskFixture.overwrite(last.file(), at, (byte) 0, (byte) 0, (byte) 0x0C, (byte) 0);
      String message =
          assertThrows(DamagedRecordException.class, () -> LogFixture.offsets(log, 0))
              .getMessage();
      assertTrue(message.contains("expected a length of 32 to 321567"), message);
    }
  }

  @Test
  void aSeekThatMeetsDamageLeavesTheReaderWhereItWas() {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 5_000, 30);
      Segment last = log.segments().last();
      long damaged = last.firstOffset() + 1_000;
      int at = DiskFixture.position(last.file(), damaged);
      try (LogReader reader = log.reader(10)) {
        DiskFixture.overwrite(last.file(), at + RecordLayout.HEADER, (byte) 0, (byte) 1);
        assertThrows(DamagedRecordException.class, () -> reader.seek(damaged + 1));
        assertEquals(10, reader.offset());
        List<Long> offsets = new ArrayList<>();
        reader.poll(record -> offsets.add(record.offset()), 3);
        assertEquals(List.of(10L, 11L, 12L), offsets);
      }
    }
  }
}
