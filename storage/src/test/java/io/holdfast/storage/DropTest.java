package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.OffsetDroppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole segments are dropped, and their files live again. */
class DropTest {
  private static final StoreConfig RECYCLING =
      LogFixture.config().withRecycling(1 << 20, 4 << 20);

  @TempDir Path directory;

  private static List<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"processCrash", "powerLoss", "interval:PT0.05S"})
  void whatIsBelowIsGoneAndTheRestStaysAlsoAfterReopening(String durability) {
    long kept;
    try (Store store = Store.open(directory, RECYCLING)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.parse(durability)));
      for (int i = 0; i < 10; i++) {
        LogFixture.append(log, 1_000, 1_000);
        long first = log.dropBefore(log.endOffset() - 500);
        assertEquals(log.firstOffset(), first);
        assertTrue(first <= log.endOffset() - 500 && first > log.endOffset() - 3_000);
        assertEquals(range(first, log.endOffset()), LogFixture.offsets(log, first));
        assertTrue(log.durableOffset() >= first);
      }
      kept = log.firstOffset();
    }
    try (Store store = Store.open(directory, RECYCLING)) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(TopicRecovery.Outcome.CLEAN, store.recovery().get(0).outcome());
      assertEquals(kept, log.firstOffset());
      assertEquals(range(kept, 10_000), LogFixture.offsets(log, kept));
      assertThrows(OffsetDroppedException.class, () -> log.reader(kept - 1));
    }
  }

  @Test
  void theLastSegmentStaysWhateverTheOffset() {
    try (Store store = Store.open(directory, RECYCLING)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 2_500, 1_000);
      long first = log.dropBefore(Long.MAX_VALUE);
      assertEquals(log.segments().last().firstOffset(), first);
      assertEquals(first, log.dropBefore(0));
      assertEquals(range(first, 2_500), LogFixture.offsets(log, first));
    }
  }

  @Test
  void aDroppedFileLivesAgainWithAnotherSalt() throws IOException {
    try (Store store = Store.open(directory, RECYCLING)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 2_500, 1_000);
      Object inode = Files.getAttribute(log.segments().first().file(), "unix:ino");
      long salt = log.segments().first().salt();
      store.atRest(() -> null); // or the file may be wanted at once
      log.dropBefore(1_500);
      assertEquals(1, filesInPool("recycled"), "a file system may give an inode to a new file too");
      LogFixture.append(log, 2_500, 1_000);
      assertEquals(0, filesInPool("recycled"));
      Segment again = null;
      for (Segment segment : log.segments().all()) {
        boolean same = Files.getAttribute(segment.file(), "unix:ino").equals(inode);
        again = same ? segment : again;
      }
      assertNotEquals(null, again, "expected the file of the first segment to be used again");
      assertNotEquals(salt, again.salt());
      assertEquals(
          range(log.firstOffset(), 5_000), LogFixture.offsets(log, log.firstOffset()));
    }
  }

  @Test
  void aReaderInADroppedSegmentIsToldAndTheFileIsNotUsedAgain() throws IOException {
    try (Store store = Store.open(directory, RECYCLING)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 2_500, 1_000);
      try (LogReader reader = log.reader(0)) {
        long[] next = {0};
        reader.poll(record -> assertEquals(next[0]++, record.offset()), 10);
        Path file = log.segments().first().file();
        log.dropBefore(1_500);
        assertFalse(Files.exists(file));
        assertEquals(0, filesInPool("recycled"));
        long first = log.firstOffset();
        String told =
            assertThrows(OffsetDroppedException.class, () -> reader.poll(record -> {}, 1))
                .getMessage();
        assertTrue(told.contains("offset of " + first + " or more, found 10"), told);
        reader.seek(first);
        reader.poll(record -> assertEquals(first, record.offset()), 1);
      }
    }
  }

  @Test
  void aBatchUnderReadStaysAsItIsWhileItsSegmentIsDropped() {
    try (Store store = Store.open(directory, RECYCLING)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 2_500, 1_000);
      try (LogReader reader = log.reader(0)) {
        int handled =
            reader.poll(
                record -> {
                  if (record.offset() == 5) {
                    log.dropBefore(2_000);
                    LogFixture.append(log, 2_500, 1_000);
                  }
                  byte[] expected = LogFixture.message(record.offset(), 1_000);
                  assertArrayEquals(expected, record.copyPayload());
                },
                500);
        assertEquals(500, handled);
      }
    }
  }

  @Test
  void thePoolIsBounded() throws IOException {
    try (Store store = Store.open(directory, LogFixture.config().withRecycling(1 << 20, 2 << 20))) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(log, 10_000, 1_000);
      log.dropBefore(9_000);
      assertEquals(2, filesInPool("recycled"));
    }
    StoreConfig large = LogFixture.config().withRecycling((1 << 20) + 1, 2 << 20);
    try (Store store = Store.open(directory, large)) {
      TopicLog log = store.topic("t").orElseThrow();
      LogFixture.append(log, 10_000, 1_000);
      log.dropBefore(19_000);
      assertEquals(0, filesInPool("recycled"), "what is smaller than the least is deleted");
    }
  }

  @Test
  void segmentsOfAnEarlierLifeAreNotRecycledBecauseAPowerCutMayHaveLeftHolesInThem()
      throws IOException {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(log, 5_000, 1_000);
    }
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      long before = log.segments().last().number();
      LogFixture.append(log, 5_000, 1_000); // the last one is taken up for writing
      LogFixture.offsets(log, 0);
      Segment first = log.segments().ofNumber(before + 1);
      log.dropBefore(first.firstOffset());
      assertEquals(0, filesInPool("recycled"));
      log.dropBefore(log.endOffset());
      assertTrue(filesInPool("recycled") > 0, "those that this process made");
    }
  }

  @Test
  void segmentsThatTopicsGrewOutOfMakeRoomForThoseThatAreInUse() throws IOException {
    StoreConfig config = StoreConfig.defaults().withRecycling(64 << 10, 2 << 20);
    try (Store store = Store.open(directory, config)) {
      for (int i = 0; i < 3; i++) {
        TopicLog log = store.createTopic("t" + i, LogFixture.small(Durability.powerLoss()));
        LogFixture.append(log, 5_000, 1_000);
        log.dropBefore(5_000);
      }
      assertEquals(2, filesInPool("recycled"));
      for (Path file : filesIn(directory.resolve("pool"))) {
        boolean recycled = file.getFileName().toString().startsWith("recycled");
        assertEquals(recycled, Files.size(file) == 1 << 20, file::toString);
      }
    }
  }

  private long filesInPool(String prefix) throws IOException {
    return filesIn(directory.resolve("pool")).stream()
        .filter(file -> file.getFileName().toString().startsWith(prefix))
        .count();
  }

  private static List<Path> filesIn(Path parent) throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.toList();
    }
  }
}
