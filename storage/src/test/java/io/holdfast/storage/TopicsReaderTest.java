package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.OffsetDroppedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One reader of several topics. */
@Timeout(60)
class TopicsReaderTest {
  @TempDir Path directory;

  private final List<TopicLog> topics = new ArrayList<>();
  private Store store;

  @BeforeEach
  void makeTopics() {
    store = LogFixture.open(directory);
    for (String name : List.of("a", "b", "c")) {
      topics.add(store.createTopic(name, LogFixture.small(Durability.processCrash())));
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void eachTopicComesWholeAndInItsOwnOrder() {
    for (int i = 0; i < 3; i++) {
      LogFixture.append(topics.get(i), 1_000 * (i + 1), 500);
    }
    Map<TopicLog, Long> next = new HashMap<>();
    try (TopicsReader reader = new TopicsReader(topics)) {
      int handled = 0;
      int some;
      do {
        some =
            reader.poll(
                (topic, record) -> {
                  assertEquals(next.getOrDefault(topic, 0L), record.offset());
                  next.put(topic, record.offset() + 1);
                },
                100);
        handled += some;
      } while (some > 0);
      assertEquals(6_000, handled);
    }
  }

  @Test
  void aBusyTopicDoesNotKeepTheOthersWaiting() {
    LogFixture.append(topics.get(0), 10_000, 20);
    LogFixture.append(topics.get(2), 1, 20);
    List<String> seen = new ArrayList<>();
    try (TopicsReader reader = new TopicsReader(topics)) {
      reader.poll((topic, record) -> seen.add(topic.name()), 200);
    }
    assertEquals(200, seen.size());
    assertTrue(seen.indexOf("c") > 0 && seen.indexOf("c") < 100, seen::toString);
  }

  @Test
  void waitingEndsWithAMessageInAnyOfThem() throws Exception {
    IdleStrategy idle = new YieldingIdleStrategy();
    try (TopicsReader reader = new TopicsReader(topics)) {
      assertFalse(reader.await(1));
      assertFalse(reader.await(idle, 1));
      for (int i = 0; i < 300; i++) {
        TopicLog topic = topics.get(i % 3);
        Thread sender = new Thread(() -> LogFixture.append(topic, 1, 20));
        sender.start();
        long longest = TimeUnit.SECONDS.toNanos(30);
        assertTrue(i % 2 == 0 ? reader.await(longest) : reader.await(idle, longest));
        assertEquals(1, reader.poll((from, record) -> assertEquals(topic, from), 10));
        sender.join();
      }
    }
  }

  @Test
  void aTopicWhosePlaceWasDroppedIsToldAndTheOthersGoOn() {
    IntStream.range(0, 3).forEach(i -> LogFixture.append(topics.get(i), 2_500, 1_000));
    try (TopicsReader reader = new TopicsReader(topics)) {
      long first = topics.get(0).dropBefore(2_000);
      assertThrows(OffsetDroppedException.class, () -> reader.poll((topic, record) -> {}, 1));
      assertEquals(10, reader.poll((topic, record) -> assertEquals(topics.get(1), topic), 10));
      reader.reader(topics.get(0)).seek(first);
      long rest = 7_500 - 10 - first;
      assertEquals(rest, reader.poll((topic, record) -> {}, 10_000));
    }
  }

  @Test
  void aClosedReaderSaysSo() {
    TopicsReader reader = new TopicsReader(topics);
    reader.close();
    assertThrows(IllegalStateException.class, () -> reader.poll((topic, record) -> {}, 1));
    assertThrows(IllegalStateException.class, () -> reader.await(Long.MAX_VALUE));
  }
}
