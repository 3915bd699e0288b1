package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a topic's files hold and take, and how far they may go. */
class TopicFilesTest {
  private static final int PAYLOAD = 4_096;
  private static final long MOST = 2 << 20;

  @TempDir Path directory;

  private final CachedEpochClock clock = LogFixture.clockAt(1_000_000);

  private Store open() {
    return Store.open(directory, new StoreConfig(clock));
  }

  private static TopicSettings settings() {
    return new TopicSettings(Durability.processCrash(), 16 << 20, PAYLOAD, new TreeMap<>());
  }

  private static boolean append(TopicLog log, long mostBytes) {
    RecordBatch batch = log.newBatch();
    batch.add(new byte[0], 0, new byte[PAYLOAD], 0, PAYLOAD);
    return log.append(batch, mostBytes);
  }

  private static int fill(TopicLog log) {
    int appended = 0;
    while (append(log, MOST)) {
      appended++;
    }
    return appended;
  }

  @Test
  void eachSegmentSaysWhatItHoldsAndWhenItsLastMessageCameAlsoAfterReopening() {
    List<SegmentExtent> before;
    try (Store store = open()) {
      TopicLog log = store.createTopic("t", settings());
      for (int i = 0; i < 100; i++) {
        clock.update(1_000_000 + i);
        append(log, Long.MAX_VALUE);
      }
      before = log.files().extents();
      assertTrue(before.size() > 2, before::toString);
      long next = 0;
      for (SegmentExtent extent : before.subList(0, before.size() - 1)) {
        assertEquals(next, extent.firstOffset());
        next = extent.endOffset();
        assertEquals(1_000_000 + next - 1, extent.lastTime());
      }
      SegmentExtent last = before.get(before.size() - 1);
      assertEquals(new SegmentExtent(next, 100, last.bytes(), Long.MAX_VALUE), last);
      long bytes = before.stream().mapToLong(SegmentExtent::bytes).sum();
      assertEquals(bytes, log.files().bytes());
      log.dropBefore(next);
      assertEquals(List.of(last), log.files().extents());
      assertEquals(last.bytes(), log.files().bytes());
      for (int i = 100; i < 200; i++) {
        clock.update(1_000_000 + i);
        append(log, Long.MAX_VALUE);
      }
      before = log.files().extents();
    }
    try (Store store = open()) {
      assertEquals(before, store.topic("t").orElseThrow().files().extents());
    }
  }

  @Test
  void anAppendThatNeedsTooMuchRoomAppendsNothing() throws IOException {
    try (Store store = open()) {
      TopicLog log = store.createTopic("t", settings());
      log.files().limit(MOST);
      int appended = fill(log);
      assertEquals(appended, log.endOffset());
      assertTrue(log.files().bytes() <= MOST && log.files().bytes() > MOST * 7 / 8);
      assertTrue(appended * (long) PAYLOAD > MOST * 3 / 4, () -> appended + " messages");
      assertTrue(bytesOnDisk() <= MOST, "with what is made ahead of need");
      assertEquals(appended, LogFixture.offsets(log, 0).size());
      assertTrue(append(log, MOST * 21 / 20), "a reserve over the bound may be used");
      log.dropBefore(log.files().extents().get(1).firstOffset());
      assertTrue(append(log, MOST * 21 / 20));
      assertTrue(log.files().bytes() <= MOST * 21 / 20);
    }
  }

  @Test
  void theBoundLeavesSeveralSegmentsToBeDroppedOneByOne() {
    try (Store store = open()) {
      TopicLog log = store.createTopic("t", settings());
      log.files().limit(MOST);
      fill(log);
      for (SegmentExtent extent : log.files().extents()) {
        assertTrue(extent.bytes() <= MOST / 4, extent::toString);
      }
      int drops = 0;
      for (int round = 0; round < 20; round++) {
        log.dropBefore(log.files().extents().get(1).firstOffset());
        drops += fill(log) > 0 ? 1 : 0;
        assertTrue(log.files().bytes() <= MOST);
      }
      assertTrue(drops >= 18, drops + " drops made room");
    }
  }

  @Test
  void severalWritersKeepTheBoundTogether() throws InterruptedException {
    try (Store store = open()) {
      TopicLog log = store.createTopic("t", settings());
      log.files().limit(MOST);
      AtomicInteger appended = new AtomicInteger();
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        writers.add(new Thread(() -> appended.addAndGet(fill(log))));
      }
      writers.forEach(Thread::start);
      for (Thread writer : writers) {
        writer.join();
      }
      assertTrue(log.files().bytes() <= MOST);
      assertEquals(appended.get(), log.endOffset());
    }
  }

  @Test
  void aRollIsTold() {
    try (Store store = open()) {
      TopicLog log = store.createTopic("t", settings());
      AtomicInteger rolls = new AtomicInteger();
      log.files().whenRolled(rolls::incrementAndGet);
      append(log, Long.MAX_VALUE);
      assertEquals(0, rolls.get());
      fill(log);
      assertEquals(log.files().extents().size() - 1, rolls.get());
    }
  }

  private long bytesOnDisk() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("topics/t"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }
}
