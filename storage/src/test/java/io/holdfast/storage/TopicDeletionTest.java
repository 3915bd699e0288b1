package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.TopicDeletedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a topic: who is told, what stays until the second step, and what is never again. */
class TopicDeletionTest {
  @TempDir Path dir;

  private static TopicLog topic(Store store, String name) {
    return store.createTopic(name, LogFixture.small(Durability.processCrash()));
  }

  @Test
  @Timeout(60)
  void whoReadsWaitsOrWritesIsTold() {
    try (Store store = Store.open(dir)) {
      TopicLog log = topic(store, "t");
      LogFixture.append(log, 3_000, 1_000); // several segments
      try (LogReader reader = log.reader(0);
          LogReader waiting = log.reader(log.visibleEnd())) {
        assertEquals(1, reader.poll(record -> {}, 1));
        CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> await(waiting));
        assertTrue(store.deletion().begin("t"));
        CompletionException told = assertThrows(CompletionException.class, waits::join);
        assertEquals(TopicDeletedException.class, told.getCause().getClass());
        assertThrows(TopicDeletedException.class, () -> reader.poll(record -> {}, 1));
        assertThrows(TopicDeletedException.class, () -> LogFixture.append(log, 1, 10));
        assertThrows(TopicDeletedException.class, () -> log.reader(0));
        store.deletion().finish("t"); // while readers stand in it
      }
      assertFalse(Files.exists(dir.resolve("topics/t")));
      assertFalse(store.deletion().begin("t"), "it is gone");
    }
  }

  private static boolean await(LogReader reader) {
    try {
      return reader.await(TimeUnit.MINUTES.toNanos(1));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFilesOfADeletedTopicWaitForTheSecondStepAndItsNumberIsNotGivenAgain() {
    try (Store store = Store.open(dir)) {
      LogFixture.append(topic(store, "t"), 10, 100);
      topic(store, "other");
      store.deletion().begin("t");
      assertEquals(List.of("other"), store.topicNames());
    }
    try (Store store = Store.open(dir)) {
      assertEquals(List.of("other"), store.topicNames());
      assertEquals(List.of("t"), store.deletion().unfinished());
      store.deletion().finish("t");
      assertEquals(List.of(), store.deletion().unfinished());
      TopicLog again = topic(store, "t");
      assertEquals(3, again.number());
      assertEquals(0, again.endOffset());
    }
  }

  @Test
  void aTopicThatIsMadeAgainIsNotTakenForTheDeletedOne() {
    try (Store store = Store.open(dir)) {
      topic(store, "t");
      store.deletion().begin("t");
      LogFixture.append(topic(store, "t"), 10, 100); // before the second step
      store.deletion().finish("t");
    }
    try (Store store = Store.open(dir)) {
      assertEquals(List.of(), store.deletion().unfinished());
      assertEquals(10, store.topic("t").orElseThrow().endOffset());
    }
  }
}
