package io.holdfast.engine.dedup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.file.MappedRegion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hash of ids, the ring that keeps them, and the window in memory. */
class IdRingTest {
  private static final int ENTRIES = 100;

  private static IdHash hash(int number) {
    return new IdHash(number, -number);
  }

  private static void add(IdRing ring, int number) {
    ring.add(hash(number), new IdWindow.Place(number * 10L, 1_000 + number));
  }

  private static List<Long> offsets(IdRing ring) {
    List<Long> offsets = new ArrayList<>();
    ring.each(
        (id, place) -> {
          assertEquals(hash((int) (place.offset() / 10)), id);
          offsets.add(place.offset());
        });
    return offsets;
  }

  /** The vectors of the reference implementation: keys and inputs are 0, 1, 2, ... */
  @Test
  void theHashIsSipHashWith128Bits() {
    byte[] input = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    String[] expected = {
      "a3817f04ba25a8e66df67214c7550293",
      "da87c1d86b99af44347659119b22fc45",
      "8177228da4a45dc7fca38bdef60affe4"
    };
    for (int length = 0; length < expected.length; length++) {
      IdHash hash = IdHash.of(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, input, 0, length);
      String found =
          "%016x%016x"
              .formatted(Long.reverseBytes(hash.low()), Long.reverseBytes(hash.high()));
      assertEquals(expected[length], found);
    }
    IdHash shifted = IdHash.of(1, 2, input, 3, 9);
    byte[] copy = {3, 4, 5, 6, 7, 8, 9, 10, 11};
    assertEquals(IdHash.of(1, 2, copy, 0, 9), shifted);
    assertFalse(shifted.equals(IdHash.of(1, 3, input, 3, 9)), "the key counts");
  }

  @Test
  void onlyWhatLiesBelowTheCheckpointIsFoundAgain() {
    MappedRegion region = MappedRegion.onHeap(IdRingLayout.capacity(ENTRIES));
    IdRing ring = new IdRing(region);
    assertFalse(ring.open(), "nothing was written yet");
    ring.write(new IdRing.Checkpoint(0, 0));
    for (int i = 0; i < 50; i++) {
      add(ring, i);
    }
    IdRing.Checkpoint plan = ring.plan(305); // 0 to 300
    assertEquals(new IdRing.Checkpoint(305, 31), plan);
    ring.forceEntries(plan);
    ring.write(plan);
    IdRing again = new IdRing(region);
    assertTrue(again.open());
    assertEquals(305, again.checkpoint());
    assertEquals(31, offsets(again).size());
    assertNull(again.plan(305));
    add(again, 31); // given anew: what stood there was of messages that may be gone
    IdRing.Checkpoint next = again.plan(1_000);
    assertEquals(new IdRing.Checkpoint(1_000, 32), next);
    again.write(next);
    IdRing last = new IdRing(region);
    last.open();
    assertEquals(32, offsets(last).size());
  }

  @Test
  void theRingGoesRoundAndForgetsTheOldest() {
    MappedRegion region = MappedRegion.onHeap(IdRingLayout.capacity(ENTRIES));
    IdRing ring = new IdRing(region);
    ring.write(new IdRing.Checkpoint(0, 0));
    int all = ring.entries();
    for (int i = 0; i < 3 * all + 7; i++) {
      add(ring, i);
      if (i % 13 == 0) {
        IdRing.Checkpoint plan = ring.plan(i * 10L);
        if (plan != null) {
          ring.forceEntries(plan);
          ring.write(plan);
        }
      }
    }
    IdRing.Checkpoint plan = ring.plan(Long.MAX_VALUE);
    ring.forceEntries(plan);
    ring.write(plan);
    IdRing again = new IdRing(region);
    again.open();
    List<Long> offsets = offsets(again);
    assertEquals(all, offsets.size());
    assertEquals((3 * all + 6) * 10L, offsets.get(all - 1));
  }

  @Test
  void anEntryThatIsNotWholeIsNone() {
    MappedRegion region = MappedRegion.onHeap(IdRingLayout.capacity(ENTRIES));
    IdRing ring = new IdRing(region);
    ring.write(new IdRing.Checkpoint(0, 0));
    for (int i = 0; i < 3; i++) {
      add(ring, i);
    }
    ring.write(ring.plan(100));
    region.buffer().putByte(IdRingLayout.RING + IdRingLayout.ENTRY + IdRingLayout.HIGH, (byte) 9);
    IdRing again = new IdRing(region);
    again.open();
    assertEquals(List.of(0L, 20L), offsets(again));
  }

  @Test
  void aHeadThatIsNotWholeLeavesTheOneBefore() {
    MappedRegion region = MappedRegion.onHeap(IdRingLayout.capacity(ENTRIES));
    IdRing ring = new IdRing(region);
    ring.write(new IdRing.Checkpoint(10, 0)); // sequence 1, the second head
    ring.write(new IdRing.Checkpoint(20, 0));
    region.buffer().putByte(IdRingLayout.head(0) + IdRingLayout.HEAD_CHECKPOINT, (byte) 21);
    IdRing again = new IdRing(region);
    assertTrue(again.open());
    assertEquals(10, again.checkpoint());
    region.buffer().putByte(IdRingLayout.head(1) + IdRingLayout.HEAD_NEXT, (byte) 1);
    assertFalse(new IdRing(region).open());
  }

  @Test
  void theWindowInMemoryForgetsByNumberAndByTime() {
    IdWindow window = new IdWindow(3, 100);
    for (int i = 0; i < 4; i++) {
      window.add(hash(i), new IdWindow.Place(i, i), i);
    }
    assertEquals(3, window.size());
    assertNull(window.find(hash(0), 4));
    assertEquals(1, window.find(hash(1), 100).offset());
    assertNull(window.find(hash(1), 101));
    window.add(hash(1), new IdWindow.Place(9, 101), 101); // it was over
    assertEquals(9, window.find(hash(1), 200).offset());
    window.add(hash(7), new IdWindow.Place(10, 500), 500);
    assertEquals(1, window.size());
  }
}
