package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.error.DamagedTopicException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Flips single bits and overwrites single sectors of segments and indexes: what is changed is
 * detected, or makes no difference; it is never a wrong message.
 *
 * <p>{@code -Dholdfast.bitflip.share=100} tries a hundred times as many, chosen at random as well.
 */
class BitFlipTest {
  private static final int MESSAGES = 1_300;
  private static final int LENGTH = 900;

  private final long seed = Long.getLong("holdfast.bitflip.seed", System.nanoTime());
  private final int percent = Integer.getInteger("holdfast.bitflip.share", 1);
  private final Random random = new Random(seed);

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path store;
  private Path topic;
  private UUID storeId;
  private long last;

  /**
   * The last segment is written to, the others are sealed and forced; message n has the time
   * 1,000 n.
   *
   * @param recycled whether the last segment was recycled: then records of another life stand in it
   */
  private void makeStore(boolean recycled) {
    System.out.printf("BitFlipTest: -Dholdfast.bitflip.seed=%d%n", seed);
    store = temporary.resolve("store");
    topic = store.resolve("topics").resolve("t");
    CachedEpochClock clock = LogFixture.clockAt(0);
    try (Store open = Store.open(store, new StoreConfig(clock))) {
      storeId = open.id();
      TopicLog log = open.createTopic("t", LogFixture.small(Durability.powerLoss()));
      for (int i = 0; i < MESSAGES; i++) {
        clock.update(1_000L * i);
        LogFixture.append(log, 1, LENGTH);
      }
    }
    last = DiskFixture.lastSegment(store, "t");
    if (recycled) {
      RecycledFixture.fillBehind(SegmentFiles.log(topic, last), SegmentFiles.log(topic, last - 1));
    }
  }

  /** Where a segment is in use: header, records with some of the zeros behind, footer. */
  private int randomPosition(Path file) {
    try {
      int size = (int) Files.size(file);
      if (file.toString().endsWith(".idx")) {
        return random.nextInt(size);
      }
      return switch (random.nextInt(8)) {
        case 0 -> random.nextInt(4096 + 64);
        case 1 -> size - 4096 + random.nextInt(600);
        case 2 -> size - 8192 + random.nextInt(8192);
        case 3 -> endOfRecords(file) - 200 + random.nextInt(400);
        default -> 4096 + random.nextInt(endOfRecords(file) - 4096);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int endOfRecords(Path file) {
    try (var scanner = io.holdfast.storage.check.SegmentScanner.open(file)) {
      scanner.begin();
      while (scanner.next()) {
        // to the end
      }
      return scanner.nextPosition();
    }
  }

  /** Changes a bit, or a sector; gives what stood there and where. */
  private record Change(Path file, long position, byte[] before) {
    void undo() {
      DiskFixture.overwrite(file, position, before);
    }

    @Override
    public String toString() {
      return file.getFileName() + " at " + position + ", " + before.length + " bytes";
    }
  }

  private Change change(Path file) {
    int position = randomPosition(file);
    if (random.nextInt(4) > 0) {
      byte[] before = DiskFixture.read(file, position, 1);
      DiskFixture.overwrite(file, position, (byte) (before[0] ^ 1 << random.nextInt(8)));
      return new Change(file, position, before);
    }
    int sector = position & -512;
    int length = (int) Math.min(512, file.toFile().length() - sector);
    byte[] before = DiskFixture.read(file, sector, length);
    byte[] after = new byte[length];
    switch (random.nextInt(3)) {
      case 0 -> random.nextBytes(after);
      case 1 -> after = DiskFixture.read(file, randomPosition(file) & -512, length);
      default -> after[random.nextInt(length)] = 1;
    }
    DiskFixture.overwrite(file, sector, after);
    return new Change(file, sector, before);
  }

  private Path randomFile(boolean indexes) {
    long number = 1 + random.nextInt((int) last);
    Path index = SegmentFiles.index(topic, number);
    return indexes && random.nextInt(3) == 0 && Files.exists(index)
        ? index
        : SegmentFiles.log(topic, number);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aScanFindsTheChangeOrTheSameMessages(boolean recycled) {
    makeStore(recycled);
    int faults = 0;
    int runs = 100 * percent;
    for (int i = 0; i < runs; i++) {
      Change change = change(randomFile(false));
      TopicScan scan =
          TopicScan.of(new TopicScan.Expectation(topic, storeId, 1, MESSAGES, 1), i % 2 == 0);
      change.undo();
      faults += scan.fault().isPresent() ? 1 : 0;
      String where = "seed " + seed + " " + change;
      assertEquals(scan.endOffset() < MESSAGES, scan.damaged(), where);
      assertTrue(scan.endOffset() <= MESSAGES, where);
    }
    System.out.printf("BitFlipTest: %d scans, %d faults%n", runs, faults);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aReaderRefusesTheRecordOrReadsItRight(boolean recycled) {
    makeStore(recycled);
    int damaged = 0;
    int runs = 200 * percent;
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.topic("t").orElseThrow();
      for (int i = 0; i < runs; i++) {
        Change change = change(randomFile(true));
        int offset = random.nextInt(MESSAGES);
        int count = random.nextInt(4) == 0 ? MESSAGES : 20;
        try {
          readRight(log, offset, count);
          assertEquals(offset, log.offsetAt(1_000L * offset));
          assertEquals(offset, log.offsetAt(1_000L * offset - 999 * Math.min(1, offset)));
        } catch (DamagedRecordException e) {
          damaged++;
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("seed " + seed + " " + change + ": " + e, e);
        } finally {
          change.undo();
        }
      }
    }
    System.out.printf("BitFlipTest: %d readings, %d damaged%n", runs, damaged);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anOpeningRefusesTheTopicOrHasAllMessages(boolean recycled) {
    makeStore(recycled);
    int refused = 0;
    int runs = 30 * percent;
    for (int i = 0; i < runs; i++) {
      Change change = change(randomFile(true));
      try (Store open = LogFixture.open(store)) {
        TopicLog log = open.topic("t").orElseThrow();
        assertEquals(MESSAGES, log.endOffset());
        readRight(log, 0, MESSAGES);
      } catch (DamagedTopicException | DamagedRecordException e) {
        refused++;
        change.undo(); // what did not refuse the topic was harmless, or was mended
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + " " + change + ": " + e, e);
      }
    }
    System.out.printf("BitFlipTest: %d openings, %d refused%n", runs, refused);
  }

  private static void readRight(TopicLog log, int offset, int count) {
    int[] next = {offset};
    try (LogReader reader = log.reader(offset)) {
      reader.poll(
          record -> {
            assertEquals(next[0], record.offset());
            assertEquals(1_000L * next[0], record.timestamp());
            assertArrayEquals(LogFixture.message(next[0], LENGTH), record.copyPayload());
            next[0]++;
          },
          count);
    }
    assertEquals(Math.min(MESSAGES, offset + count), next[0]);
  }
}
