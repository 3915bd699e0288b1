package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process reads a store that this one appends to, rolls, drops and recycles all the time. */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class LiveReadTest {
  private static final StoreConfig CONFIG =
      StoreConfig.defaults().withFirstSegment(64 << 10).withRecycling(64 << 10, 4 << 20);
  private static final int MOST_IN_BATCH = 20;
  private static final int APPENDS_TO_DROP = 100;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  /** What is kept: next to nothing, a few segments, everything. */
  @ParameterizedTest
  @ValueSource(longs = {200, 4_000, 10_000_000})
  void itSeesMessagesInTheirOrderAndWhatIsDroppedAndNoDamage(long kept) throws Exception {
    long seconds = Long.getLong("holdfast.live.seconds", 2);
    try (Store store = Store.open(directory, CONFIG)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      append(log, 1);
      Process child = LiveReadChild.start(directory);
      String said;
      try {
        use(log, kept, child, System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
        if (child.isAlive()) { // else it says why
          child.getOutputStream().write('\n');
          child.getOutputStream().flush();
        }
        said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), said);
      } finally {
        child.destroyForcibly().waitFor();
      }
      System.out.printf(
          "LiveReadTest: %d messages, %d rolls, the last %d kept; another process: %s%n",
          log.endOffset(), log.segments().last().number() - 1, kept, said.replace("\n", "; "));
      assertTrue(said.startsWith("right"), said);
    }
  }

  private static void use(TopicLog log, long kept, Process child, long deadline) {
    for (int i = 1; System.nanoTime() - deadline < 0 && child.isAlive(); i++) {
      append(log, 1 + i % MOST_IN_BATCH);
      if (i % APPENDS_TO_DROP == 0) {
        log.dropBefore(log.endOffset() - kept);
      }
    }
  }

  private static void append(TopicLog log, int count) {
    RecordBatch batch = log.newBatch();
    for (int i = 0; i < count; i++) {
      byte[] payload = LiveReadChild.payload(log.endOffset() + i);
      batch.add(new byte[0], 0, payload, 0, payload.length);
    }
    log.append(batch);
  }
}
