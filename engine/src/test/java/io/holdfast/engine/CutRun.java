package io.holdfast.engine;

import io.holdfast.storage.kernel.LoopDisk;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Many power cuts, each of which ends a process: some lives of one store, the drain of what they
 * have left, then a new store, so that the making of stores, topics and groups is cut as well.
 */
final class CutRun {
  private static final int LIVES = 20; // of a store
  private static final int FEWEST_LINES = 40; // that a life says of its work
  private static final int MOST_LINES = 2_500;
  private static final int LONGEST_OPENING = 600; // milliseconds
  private static final int PATIENCE = 120; // seconds

  private final LoopDisk disk;
  private final Random random;
  private CutStore store;
  private int lives; // of the store
  private int stores;
  private int cuts;
  private int idleCuts;
  private long confirmed; // of the stores before, like the next ones
  private long acked;
  private long letters;
  private long made;

  CutRun(LoopDisk disk, long seed) {
    this.disk = disk;
    this.random = new Random(seed);
    this.store = begun();
  }

  private CutStore begun() {
    return new CutStore(disk.root().resolve("store-" + stores++));
  }

  /** One life and its end: while it works, when it has made topics, or while it opens. */
  void cut() throws Exception {
    if (lives == LIVES) {
      drain();
      if (!violations().isEmpty()) {
        return;
      }
      confirmed = confirmed();
      acked += store.acked();
      letters += store.letters();
      made += store.made();
      TestStores.delete(store.directory());
      store = begun();
      lives = 0;
    }
    int kind = lives == 1 ? 3 : random.nextInt(4);
    boolean calm = kind == 0;
    int most = calm ? CutTopicMaker.TOPICS : MOST_LINES;
    int lines = calm ? 1 : FEWEST_LINES;
    lines += random.nextInt(most - lines + 1);
    CutLife life = new CutLife(store, lives, calm, random.nextLong(), lines);
    try {
      if (kind == 1) {
        // A timed wait for an end that does not come: the moment of the cut.
        life.process().waitFor(random.nextInt(LONGEST_OPENING), TimeUnit.MILLISECONDS);
      } else if (!life.hasWorked(PATIENCE)) {
        store.wrong("life %d hangs".formatted(lives));
      }
      if (!life.process().isAlive()) {
        store.wrong("life %d ended by itself with %d".formatted(lives, life.process().exitValue()));
      }
    } finally {
      disk.cut(life.process().toHandle(), random);
      life.join();
    }
    lives++;
    cuts++;
    idleCuts += life.wasReady() ? 0 : 1;
    store.verify();
  }

  /** The last life of a store: the groups get what is left, and everything is read once more. */
  void drain() throws Exception {
    CutLife life = new CutLife(store, CutChild.DRAIN, false, random.nextLong(), 0);
    try {
      if (!life.process().waitFor(PATIENCE, TimeUnit.SECONDS)) {
        store.wrong("the groups do not get through");
      }
    } finally {
      life.process().destroyForcibly();
      life.join();
    }
    if (life.process().exitValue() != 0) {
      store.wrong("the last life ended with " + life.process().exitValue());
    }
    store.verify();
  }

  /** Everything that is wrong with the last store, a line each. */
  String violations() {
    return store.violations();
  }

  long confirmed() {
    return confirmed + store.confirmed();
  }

  @Override
  public String toString() {
    return "%,d cuts of %,d stores, %,d before any work, %,d confirmed, %,d acked,"
        .formatted(cuts, stores, idleCuts, confirmed(), acked + store.acked())
        + " %,d dead letters, %,d topics made, %,d runs of pages let through, %,d violations"
            .formatted(
                letters + store.letters(),
                made + store.made(),
                disk.written(),
                violations().lines().count());
  }
}
