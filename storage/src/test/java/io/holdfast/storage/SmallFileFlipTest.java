package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.ControlSlot;
import io.holdfast.storage.check.ControlView;
import io.holdfast.storage.crash.CrashFileSystem;
import io.holdfast.storage.error.DamagedTopicException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Flips single bits of the files beside the segments: the control file, an index, a topic's
 * settings. The store opens with all its messages, or names the file.
 *
 * <p>{@code -Dholdfast.bitflip.share=100} flips every one; less, in percent, are chosen at random.
 * {@code -Dholdfast.bitflip.seed=n} chooses the same.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class SmallFileFlipTest {
  private final long seed = Long.getLong("holdfast.bitflip.seed", System.nanoTime());
  private final Integer percent = Integer.getInteger("holdfast.bitflip.share"); // null: the usual
  private final Random random = new Random(seed);
  private final FlipStore store = new FlipStore(FlipStore.Kind.SEALED);

  /** Flips the share, usually one bit in so many, and counts how many were refused. */
  private void flip(String file, int usualOneIn, Predicate<CrashFileSystem> refused) {
    double share = percent == null ? 1.0 / usualOneIn : percent / 100.0;
    byte[] content = RecycledFixture.content(FlipStore.directory(store.copy()).resolve(file));
    int flips = 0;
    int refusals = 0;
    for (int bit = 0; bit < content.length * 8; bit++) {
      if (random.nextDouble() >= share) {
        continue;
      }
      CrashFileSystem copy = store.copy();
      FlipChange flip = FlipChange.bit(content, bit);
      flip.apply(FlipStore.directory(copy).resolve(file));
      try {
        refusals += refused.test(copy) ? 1 : 0;
        flips++;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(file + ", " + flip + ": " + e, e);
      }
    }
    System.out.printf(
        "SmallFileFlipTest: %,d of %,d bits of %s, %,d refused, 0 violations;"
            + " %s-Dholdfast.bitflip.seed=%d%n",
        flips,
        content.length * 8,
        file,
        refusals,
        percent == null ? "" : "-Dholdfast.bitflip.share=" + percent + " ",
        seed);
  }

  private boolean opened(CrashFileSystem copy) {
    try (Store open = FlipStore.open(copy)) {
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(store.messages(), log.endOffset());
      store.readAll(log);
      store.lookUp(log);
      TopicLog made = open.createTopic("made", LogFixture.small(Durability.powerLoss()));
      assertEquals(3, made.number(), "a number that no other topic has");
    }
    return false;
  }

  /** One slot may be lost: the other one is as old as one write. */
  @Test
  void aBitOfTheControlFileMakesNoDifference() {
    flip(
        "store.ctl",
        400,
        copy -> {
          Path file = FlipStore.directory(copy).resolve("store.ctl");
          ControlSlot slot = ControlView.read(file).newest().orElseThrow();
          assertEquals(2, slot.lastTopic());
          assertEquals(1, slot.writerEpoch());
          return opened(copy);
        });
  }

  @Test
  void aBitOfAnIndexMakesNoDifference() {
    flip("topics/t/0000000001.idx", 100, this::opened);
  }

  @Test
  void aBitOfTheSettingsOfATopicIsNamed() {
    flip(
        "topics/t/topic.properties",
        50,
        copy -> {
          try {
            return opened(copy);
          } catch (DamagedTopicException e) {
            assertTrue(e.getMessage().contains("topic.properties: "), e::getMessage);
            return true;
          }
        });
  }
}
