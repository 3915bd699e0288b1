package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.Finding;
import io.holdfast.storage.check.StoreVerifier;
import io.holdfast.storage.check.StoreView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The segment that is named ahead of its use, at every moment at which a process may die. */
class SuccessorTest {
  private static final int MESSAGES = 700; // of 1,000 bytes: over half of the first segment

  @TempDir Path temporary;

  private Path crashed;
  private Path successor;

  @BeforeEach
  void crashWithASuccessorReady() {
    Path store = temporary.resolve("store");
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.createTopic("t", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(log, MESSAGES, 1_000);
      open.atRest(() -> null); // behind whatever the agent was asked to make ahead
      crashed = DiskFixture.crashed(open, temporary.resolve("crashed"));
    }
    successor = DiskFixture.segment(crashed, "t", 2);
    assertFalse(Files.exists(DiskFixture.segment(store, "t", 2)), "a close leaves none behind");
  }

  @Test
  void anUnusedSuccessorIsNeitherAFaultNorATornTail() throws IOException {
    assertTrue(Files.exists(successor), "it should have been named ahead");
    assertEquals(List.of(), findings(), "as in a live store: this process is the owner named");
    Files.delete(crashed.resolve("store.owner"));
    assertEquals(List.of(), findings(), "as after a crash");
    reopened();
  }

  private List<Finding> findings() {
    StoreView store = StoreView.open(crashed);
    return StoreVerifier.verify(store, store.topics(), topic -> {}).topics().get(0).findings();
  }

  @Test
  void aBeginThatWasNeverFinishedIsAnUnusedSuccessorToo() {
    DiskFixture.overwrite(successor, 4096 + 8, LogFixture.message(1, 60));
    reopened();
  }

  @Test
  void aSuccessorThatWasBegunIsUsed() {
    try (Store open = LogFixture.open(crashed)) {
      LogFixture.append(open.topic("t").orElseThrow(), 1_000, 1_000);
      Path again = DiskFixture.crashed(open, temporary.resolve("again"));
      try (Store other = LogFixture.open(again)) {
        assertEquals(MESSAGES + 1_000, other.topic("t").orElseThrow().endOffset());
        assertEquals(
            TopicRecovery.Outcome.CLEAN, other.recovery().get(0).outcome(), other.toString());
      }
    }
  }

  private void reopened() {
    try (Store open = LogFixture.open(crashed)) {
      TopicRecovery found = open.recovery().get(0);
      assertEquals(TopicRecovery.Outcome.CLEAN, found.outcome(), found.detail());
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(MESSAGES, log.endOffset());
      LogFixture.append(log, 2_000, 1_000);
      assertEquals(
          LongStream.range(0, MESSAGES + 2_000).boxed().toList(), LogFixture.offsets(log, 0));
    }
  }
}
