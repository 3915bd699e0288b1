package io.holdfast.storage;

import io.holdfast.storage.file.StoreAgent;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** Random steps on an open store: topics, appends small and large, forces, rolls, drops. */
final class CrashScript {
  private static final int MAX_TOPICS = 3;
  private static final int SEGMENT = 1 << 20; // the smallest that a topic may grow to
  private static final int LARGE = 90_000; // of which a few make a segment roll

  private final Random random;
  private final StoreConfig config;
  private final boolean even;

  /**
   * Chooses how the store is opened: segments that grow or not, recycled or not. Also whether all
   * messages are of a few lengths: then records of an earlier life of a file stand exactly where
   * the next ones of this life end.
   */
  CrashScript(Random random) {
    this.random = random;
    this.even = random.nextBoolean();
    this.config =
        new StoreConfig(LogFixture.clockAt(1_000_000))
            .withFirstSegment(random.nextBoolean() ? SEGMENT : StoreConfig.FIRST_SEGMENT)
            .withRecycling(random.nextInt(4) > 0 ? 0 : Integer.MAX_VALUE, 3 * SEGMENT)
            .withMappedSegments(1 + random.nextInt(4));
  }

  StoreConfig config() {
    return config;
  }

  /**
   * Does some steps.
   *
   * @param store open
   * @param histories of its topics; new ones are added
   * @param steps how many
   */
  void live(Store store, List<TopicHistory> histories, int steps) {
    boolean large = random.nextBoolean();
    boolean recycling = random.nextInt(3) == 0;
    for (int step = 0; step < steps; step++) {
      if (histories.isEmpty() || histories.size() < MAX_TOPICS && random.nextInt(10) == 0) {
        create(store, histories);
      }
      TopicHistory history = histories.get(random.nextInt(histories.size()));
      if (recycling && random.nextInt(4) == 0) {
        fillAndDrop(history);
      } else if (random.nextInt(12) == 0) {
        fillWhileDropping(history);
      } else if (random.nextInt(3) == 0) {
        appendUnforced(store, history, large);
      } else {
        append(history, large);
      }
      if (random.nextInt(6) == 0) {
        drop(history);
      }
      if (random.nextInt(3) == 0) {
        store.onAgent(() -> null); // does what it was asked for before
      }
      if (random.nextInt(8) == 0) {
        rest(store, history.log());
      }
    }
  }

  private void append(TopicHistory history, boolean large) {
    int longest = random.nextInt(4) > 0 ? 300 : large ? LARGE : 6_000;
    append(history, 1 + random.nextInt(large ? 8 : 30), longest);
    if (random.nextInt(3) == 0) {
      history.log().force(history.log().endOffset() - random.nextInt(2));
    }
  }

  private void append(TopicHistory history, int count, int longest) {
    int shortest = even ? longest / 2 : TopicHistory.SHORTEST;
    history.append(random, count, shortest, even ? shortest : longest);
  }

  /** Whoever waits for the device forces then what the flusher has not come to. */
  private void appendUnforced(Store store, TopicHistory history, boolean large) {
    Semaphore held = new Semaphore(0);
    store.flusher().execute(held::acquireUninterruptibly);
    try {
      append(history, large);
    } finally {
      held.release();
    }
  }

  /** What the store does when a topic has been idle for a while. */
  private static void rest(Store store, TopicLog log) {
    StoreAgent flusher = store.flusher();
    flusher.execute(log::settle);
    flusher.execute(() -> store.storeDurable(List.of(log)));
    flusher.call(log::sleep);
  }

  /** So that files of dropped segments are used again. */
  private void fillAndDrop(TopicHistory history) {
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      append(history, 10, LARGE);
    }
    history.dropBefore(history.log().endOffset() - random.nextInt(15));
  }

  /** A roll and a drop at the same time. */
  private void fillWhileDropping(TopicHistory history) {
    CompletableFuture<Void> dropping =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 20; i++) {
                history.dropBefore(history.log().endOffset());
              }
            });
    append(history, 10, LARGE);
    append(history, 10, LARGE);
    dropping.join();
  }

  /** Perhaps under a reader that stands in what goes, while its file is used again. */
  private void drop(TopicHistory history) {
    TopicLog log = history.log();
    long from = log.firstOffset();
    long offset = from + (long) (random.nextDouble() * (log.endOffset() + 1 - from));
    if (random.nextInt(4) > 0) {
      history.dropBefore(offset);
      return;
    }
    history.readAround(
        () -> {
          history.dropBefore(offset);
          append(history, 10, LARGE);
          append(history, 10, LARGE);
        });
  }

  private void create(Store store, List<TopicHistory> histories) {
    Durability durability =
        switch (random.nextInt(5)) {
          case 0 -> Durability.processCrash();
          case 1 -> Durability.interval(Duration.ofMillis(1));
          default -> Durability.powerLoss();
        };
    TopicHistory history = new TopicHistory(freeName(store));
    histories.add(history);
    TopicSettings settings = new TopicSettings(durability, SEGMENT, 100_000, new TreeMap<>());
    history.follow(store.createTopic(history.name(), settings));
    if (random.nextBoolean()) { // so that the first roll is near
      for (int i = 0; i < 2; i++) {
        append(history, 10, LARGE);
      }
      history.log().force(history.log().endOffset());
    }
  }

  private static String freeName(Store store) {
    int number = 1;
    while (store.topicNames().contains("t" + number)) {
      number++;
    }
    return "t" + number;
  }
}
