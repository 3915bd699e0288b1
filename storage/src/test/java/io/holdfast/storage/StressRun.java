package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.history.History;
import io.holdfast.storage.history.Stamp;
import io.holdfast.storage.history.Writer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Four writers, a reader that streams, one that goes to and fro, and one that drops, on a topic of
 * small segments that are recycled; the store is closed and opened again under them.
 */
final class StressRun {
  private static final int WRITERS = 4;
  private static final int MOST_IN_BATCH = 20;
  private static final int LONGEST = 8 << 10;
  private static final long MOST_BEHIND = 4_000; // messages that the stream is behind the end
  private static final long WAIT_NANOS = 10_000_000;
  private static final StoreConfig CONFIG =
      StoreConfig.defaults()
          .withFirstSegment(64 << 10)
          .withRecycling(64 << 10, 4 << 20)
          .withMappedSegments(2);

  private final Path directory;
  private final TopicSettings settings;
  private final long seed;
  private final History history = new History();
  private final List<Writer> writers = new ArrayList<>();
  private final StressStreamer streamer = new StressStreamer(history);
  private final StressSeeker seeker;
  private final StressDropper dropper;
  private final AtomicLong confirmed = new AtomicLong(); // writers raise: one past what they sent
  private long rolls;
  private int openings;

  StressRun(Path directory, Durability durability, long seed) {
    this.directory = directory;
    this.settings = LogFixture.small(durability);
    this.seed = seed;
    this.seeker = new StressSeeker(history, new Random(seed + 1));
    for (int i = 0; i < WRITERS; i++) {
      writers.add(history.writer("writer", i));
    }
    this.dropper = new StressDropper(history, streamer, new Random(seed + 2));
  }

  /** Works for a time, with the store opened so many times, then reads what is left. */
  void run(long nanos, int times) throws InterruptedException, IOException {
    for (int i = 0; i < times; i++) {
      Store store = Store.open(directory, CONFIG);
      try {
        work(store, topic(store), nanos / times);
      } finally {
        store.close();
      }
    }
    try (Store store = Store.open(directory, CONFIG)) {
      TopicLog log = topic(store);
      streamer.readToEnd(log);
      seeker.settle();
    }
    assertEquals(List.of(), history.violations());
    assertTrue(rolls > 0 && dropper.segments() > 0 && dropper.usedAgain() > 0, this::counts);
  }

  private TopicLog topic(Store store) {
    openings++;
    if (store.topicNames().isEmpty()) {
      return store.createTopic("t", settings);
    }
    TopicRecovery found = store.recovery().get(0);
    assertEquals(TopicRecovery.Outcome.CLEAN, found.outcome(), found.detail());
    TopicLog log = store.topic("t").orElseThrow();
    assertEquals(confirmed.get(), log.endOffset());
    return log;
  }

  private void work(Store store, TopicLog log, long nanos)
      throws InterruptedException, IOException {
    StressCrew crew = new StressCrew();
    long first = log.segments().last().number();
    for (int i = 0; i < WRITERS; i++) {
      Writer writer = writers.get(i);
      Random random = new Random(seed * 31 + openings * 7L + i);
      RecordBatch batch = log.newBatch();
      crew.start("writer " + i, () -> write(log, batch, writer, random));
    }
    crew.start("streamer", () -> streamer.stream(log));
    crew.start("seeker", () -> seeker.seek(log));
    crew.start("dropper", () -> dropper.drop(log));
    try {
      crew.letWork(nanos);
    } finally {
      store.close(); // under all of them
    }
    crew.join();
    rolls += log.segments().last().number() - first;
    dropper.closed();
  }

  private void write(TopicLog log, RecordBatch batch, Writer writer, Random random)
      throws InterruptedException {
    streamer.awaitOffset(log.endOffset() - MOST_BEHIND, WAIT_NANOS);
    log.checkOpen(); // or the streamer may have ended
    writer.refused(); // what was appended to a store that was closed
    batch.clear();
    int count = 1 + random.nextInt(MOST_IN_BATCH);
    for (int i = 0; i < count; i++) {
      int length = length(random);
      byte[] payload = new Stamp(writer.number(), writer.next() + i).bytes(length);
      assertTrue(batch.add(new byte[0], 0, payload, 0, length));
    }
    writer.sends(count);
    log.append(batch);
    writer.confirmed(batch.firstOffset());
    long end = batch.firstOffset() + count;
    confirmed.accumulateAndGet(end, Math::max);
    if (settings.durability().forcesBeforeConfirming()) {
      log.force(end);
      assertTrue(log.durableOffset() >= end);
    }
  }

  private static int length(Random random) {
    int most = random.nextInt(4) > 0 ? 500 : LONGEST;
    return Stamp.LEAST_LENGTH + random.nextInt(most - Stamp.LEAST_LENGTH);
  }

  /** What was done. */
  String counts() {
    return "%d messages, %d rolls, %s, %d openings, %s, %s"
        .formatted(confirmed.get(), rolls, dropper, openings, streamer, seeker);
  }
}
