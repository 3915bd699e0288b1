package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.history.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Drops what the streaming reader of a stress run has read, and sometimes more, and counts which
 * files live again.
 */
final class StressDropper {
  private static final int BEYOND = 10; // one drop in so many goes beyond the reader
  private static final long WAIT_NANOS = 10_000_000;

  private final History history;
  private final StressStreamer streamer;
  private final Random random;
  private final Set<String> waiting = new HashSet<>(); // recycled files in the pool
  private long drops;
  private long segments;
  private long usedAgain;

  StressDropper(History history, StressStreamer streamer, Random random) {
    this.history = history;
    this.streamer = streamer;
    this.random = random;
  }

  /** Drops once. */
  void drop(TopicLog log) throws InterruptedException, IOException {
    long offset = streamer.offset();
    Segment before = log.segments().first();
    if (random.nextInt(BEYOND) == 0) {
      offset += (long) (random.nextDouble() * (log.endOffset() - offset + 1));
    }
    history.mayDrop(offset);
    long first = log.dropBefore(offset);
    long asked = offset;
    assertTrue(
        first <= asked || first == before.firstOffset(),
        () -> "asked to keep from " + asked + ", kept from " + first);
    history.dropped(first);
    long dropped = log.segments().first().number() - before.number();
    if (dropped > 0) {
      drops++;
      segments += dropped;
      countUsedAgain(log.segments().first().file().getParent());
    }
    streamer.awaitOffset(offset + 1, WAIT_NANOS);
    log.checkOpen();
  }

  /** Names in the pool are given once; one that is gone went to a topic. */
  private void countUsedAgain(Path topic) throws IOException {
    Set<String> now;
    try (Stream<Path> files = Files.list(topic.resolve("../../pool"))) {
      now =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("recycled"))
              .collect(Collectors.toSet());
    }
    for (String name : Set.copyOf(waiting)) {
      if (!now.contains(name)) {
        waiting.remove(name);
        usedAgain++;
      }
    }
    waiting.addAll(now);
  }

  /** The store was closed, and its pool is empty. */
  void closed() {
    waiting.clear();
  }

  long segments() {
    return segments;
  }

  long usedAgain() {
    return usedAgain;
  }

  @Override
  public String toString() {
    return "%d files used again, %d drops of %d segments".formatted(usedAgain, drops, segments);
  }
}
