package io.holdfast.storage;

import java.util.List;
import java.util.Random;

/** Random steps on an open store: topics, appends small and large, forces, rolls. */
final class CrashScript {
  private static final int MAX_TOPICS = 3;

  private final Random random;

  CrashScript(Random random) {
    this.random = random;
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
    for (int step = 0; step < steps; step++) {
      if (histories.isEmpty() || histories.size() < MAX_TOPICS && random.nextInt(10) == 0) {
        create(store, histories);
      }
      TopicHistory history = histories.get(random.nextInt(histories.size()));
      int longest = random.nextInt(4) > 0 ? 300 : large ? 90_000 : 6_000;
      history.append(random, 1 + random.nextInt(large ? 8 : 30), longest);
      TopicLog log = history.log();
      if (random.nextInt(3) == 0) {
        log.force(log.endOffset() - random.nextInt(2));
      }
      if (random.nextInt(3) == 0) {
        store.onAgent(() -> null); // does what it was asked for before
      }
    }
  }

  private void create(Store store, List<TopicHistory> histories) {
    Durability durability =
        random.nextInt(3) > 0 ? Durability.powerLoss() : Durability.processCrash();
    TopicHistory history = new TopicHistory(freeName(store));
    histories.add(history);
    history.follow(store.createTopic(history.name(), LogFixture.small(durability)));
    if (random.nextBoolean()) { // so that the first roll is near
      for (int i = 0; i < 2; i++) {
        history.append(random, 10, 90_000);
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
