package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.holdfast.storage.format.RecordLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Flips the bits of a segment of 64 KiB one by one, and overwrites its sectors and records: what is
 * changed is named, or makes no difference; it is never a wrong message, and no message that was
 * promised is missed in silence.
 *
 * <p>{@code -Dholdfast.bitflip.share=100} flips every one of the 524,288 bits; less, in percent,
 * are chosen at random. {@code -Dholdfast.bitflip.seed=n} chooses the same.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class BitFlipTest {
  private static final int SECTOR = 512;
  private static final int OPENED = 128; // one in so many is opened

  private final long seed = Long.getLong("holdfast.bitflip.seed", System.nanoTime());
  private final int percent = Integer.getInteger("holdfast.bitflip.share", 2);
  private final Random random = new Random(seed);

  private void print(FlipStore.Kind kind, String what, FlipJudge judge) {
    System.out.printf(
        "BitFlipTest: %s of a segment that is %s: %s, 0 violations;"
            + " -Dholdfast.bitflip.share=%d -Dholdfast.bitflip.seed=%d%n",
        what, kind, judge, percent, seed);
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedBitIsNamedOrHarmless(FlipStore.Kind kind) {
    FlipStore store = new FlipStore(kind);
    byte[] segment = store.segment();
    int[] bits = bits(segment.length * 8);
    try (FlipJudge judge = new FlipJudge(store)) {
      for (int i = 0; i < bits.length; i++) {
        FlipChange flip = FlipChange.bit(segment, bits[i]);
        judge.judge(flip);
        if (i % OPENED == 0) {
          judge.judgeOpening(flip);
        }
      }
      print(kind, "%,d bits".formatted(bits.length), judge);
    }
  }

  /** All of them, or the chosen share: without one twice. */
  private int[] bits(int all) {
    int[] bits = new int[all];
    for (int i = 0; i < all; i++) {
      int j = random.nextInt(i + 1);
      bits[i] = bits[j];
      bits[j] = i;
    }
    return Arrays.copyOf(bits, (int) ((long) all * percent / 100));
  }

  /** The one bit of its length that is set: all random runs but the longest leave it out. */
  @Test
  void aSealWhoseLengthIsZeroIsNoted() {
    FlipStore store = new FlipStore(FlipStore.Kind.SEALED);
    byte[] segment = store.segment();
    FlipStore.Piece seal = store.pieces().get(store.pieces().size() - 1);
    assertEquals(RecordLayout.HEADER, seal.length());
    FlipChange flip = FlipChange.bit(segment, seal.position() * 8 + 5);
    try (FlipJudge judge = new FlipJudge(store)) {
      judge.judge(flip);
      judge.judgeOpening(flip);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOverwrittenSectorIsNamedOrHarmless(FlipStore.Kind kind) {
    FlipStore store = new FlipStore(kind);
    byte[] segment = store.segment();
    try (FlipJudge judge = new FlipJudge(store)) {
      for (int at = 0; at < segment.length; at += SECTOR) {
        byte[] noise = new byte[SECTOR];
        random.nextBytes(noise);
        int from = random.nextInt(segment.length / SECTOR) * SECTOR;
        byte[] other = Arrays.copyOfRange(segment, from, from + SECTOR);
        for (FlipChange change :
            List.of(
                FlipChange.of("zeros", segment, at, new byte[SECTOR]),
                FlipChange.of("noise", segment, at, noise),
                FlipChange.of("the sector of " + from, segment, at, other))) {
          judge.judge(change);
          judge.judgeOpening(change);
        }
      }
      print(kind, "sectors", judge);
    }
  }
}
