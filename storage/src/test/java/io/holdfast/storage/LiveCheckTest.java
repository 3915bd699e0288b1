package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import io.holdfast.storage.check.TopicReport;
import io.holdfast.storage.check.TopicView;
import io.holdfast.storage.check.TopicWalk;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Looking at a store whose owner appends, rolls, drops and recycles meanwhile: nothing of that is
 * damage, and every message that is shown is one that was sent, under its own offset.
 *
 * <p>{@code -Dholdfast.live.checks=n} asks for more.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class LiveCheckTest {
  private static final int LENGTH = 3_000;

  private final int checks = Integer.getInteger("holdfast.live.checks", 25);

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path directory;
  private final AtomicBoolean ended = new AtomicBoolean();

  @BeforeEach
  void place() {
    directory = temporary.resolve("store");
  }

  /** What is done to a topic while somebody looks. */
  private interface Look {
    void at(TopicLog log);
  }

  private void whileItIsUsed(Look look) throws Exception {
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.createTopic("t", LogFixture.small(Durability.processCrash()));
      LogFixture.append(log, 4_000, LENGTH);
      FutureTask<Void> use = new FutureTask<>(() -> use(log));
      Thread owner = new Thread(use, "owner");
      owner.start();
      try {
        for (int i = 0; i < checks && !use.isDone(); i++) {
          look.at(log);
        }
      } finally {
        ended.set(true);
        owner.join();
      }
      use.get();
    }
  }

  private Void use(TopicLog log) {
    while (!ended.get()) {
      LogFixture.append(log, 200, LENGTH);
      log.dropBefore(log.endOffset() - 2_000);
    }
    return null;
  }

  private TopicView view() {
    return StoreView.open(directory).topic("t").orElseThrow();
  }

  @Test
  void aCheckFindsNoDamage() throws Exception {
    int[] dropped = {0};
    whileItIsUsed(
        log -> {
          long first = log.firstOffset();
          long end = log.endOffset();
          StoreView store = StoreView.open(directory);
          TopicReport report =
              StoreVerifier.verify(store, store.topics(), t -> {}).topics().get(0);
          assertEquals(TopicReport.State.OK, report.state(), report::toString);
          assertTrue(report.findings().size() <= 1, report::toString);
          assertTrue(report.firstOffset() >= first, report::toString);
          assertTrue(report.endOffset() >= end, report::toString);
          dropped[0] += report.findings().size();
        });
    System.out.printf(
        "LiveCheckTest: %d checks, in %d of which segments were dropped%n", checks, dropped[0]);
  }

  @Test
  void aWalkShowsWhatWasSentAndNothingElse() throws Exception {
    long[] counts = {0, 0};
    whileItIsUsed(
        log -> {
          long end = log.endOffset();
          long last = -1;
          try (TopicWalk walk = TopicWalk.of(view(), log.firstOffset())) {
            for (SegmentWalk.Step step = walk.next();
                step != SegmentWalk.Step.END;
                step = walk.next()) {
              assertEquals(SegmentWalk.Step.RECORD, step, walk.file() + ": " + walk.problem());
              if (walk.record().type() == RecordType.DATA) {
                assertTrue(walk.record().offset() > last);
                last = walk.record().offset();
                isAsSent(last, walk.record().body(0, walk.record().length() - RecordLayout.HEADER));
                counts[0]++;
              }
            }
            counts[1] += walk.dropped();
          }
          assertTrue(last >= end - 1, "walked to " + last + ", and " + end + " was the end");
        });
    System.out.printf(
        "LiveCheckTest: %d messages shown, %d segments dropped meanwhile%n", counts[0], counts[1]);
  }

  private static void isAsSent(long offset, byte[] body) {
    assertTrue(Arrays.equals(LogFixture.message(offset, LENGTH), body), "message " + offset);
  }

  @Test
  void theExtentOfATopicIsThatOfSomeMoment() throws Exception {
    whileItIsUsed(
        log -> {
          long first = log.firstOffset();
          long end = log.endOffset();
          TopicView.Extent extent = view().extent();
          assertTrue(extent.firstOffset() >= first, extent::toString);
          assertTrue(extent.endOffset() >= end, extent::toString);
        });
  }
}
