package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.file.MappedRegion;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The bitmap behaves like a plain set of bits, over borders of words and chunks. */
class DoneBitmapTest {
  private static final int CHUNK = DoneLayout.OFFSETS;

  private static DoneChunk chunk() {
    return new DoneChunk(MappedRegion.onHeap(DoneLayout.CAPACITY));
  }

  @Test
  void itAgreesWithASetOfBits() {
    long seed = System.nanoTime();
    System.out.println("DoneBitmapTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    DoneBitmap done = new DoneBitmap(0);
    done.add(0, chunk());
    done.add(1, chunk());
    BitSet expected = new BitSet();
    int border = CHUNK - 300;
    for (int i = 0; i < border; i++) {
      done.set(i);
    }
    expected.set(0, border);
    for (int i = 0; i < 3_000; i++) {
      int offset = border + random.nextInt(700);
      boolean first = !expected.get(offset);
      assertEquals(first, done.set(offset));
      expected.set(offset);
      int mark = expected.nextClearBit(0);
      assertEquals(mark, done.lowWaterMark());
      assertEquals(expected.cardinality() - mark, done.doneAbove());
      int from = border + random.nextInt(700);
      assertEquals(Math.max(mark, expected.nextClearBit(from)), done.nextNotDone(from));
      assertEquals(expected.get(from), done.isDone(from));
      assertEquals(expected.length(), done.end());
    }
  }

  @Test
  void anOffsetWithoutAChunkIsNotDone() {
    DoneBitmap done = new DoneBitmap(5);
    assertTrue(done.isDone(4));
    assertFalse(done.isDone(5));
    assertEquals(5, done.nextNotDone(0));
    assertEquals(7L * CHUNK, done.nextNotDone(7L * CHUNK));
  }

  @Test
  void aFullChunkIsFinishedOnceTheMarkHasLeftIt() {
    DoneBitmap done = new DoneBitmap(0);
    done.add(0, chunk());
    for (int i = CHUNK - 1; i >= 0; i--) {
      assertEquals(-1, done.finishedChunk());
      done.set(i);
    }
    assertEquals(CHUNK, done.lowWaterMark());
    assertEquals(0, done.doneAbove());
    assertEquals(0, done.finishedChunk());
    done.remove(0).close();
    assertEquals(-1, done.finishedChunk());
    assertTrue(done.isDone(17));
  }

  @Test
  void bitsAreCountedAnewWhenAChunkIsMapped() {
    MappedRegion region = MappedRegion.onHeap(DoneLayout.CAPACITY);
    DoneChunk first = new DoneChunk(region);
    for (int i = 0; i < 200; i++) {
      first.set(i);
    }
    first.set(300);
    DoneBitmap done = new DoneBitmap(100);
    done.add(0, new DoneChunk(region));
    assertEquals(200, done.lowWaterMark());
    assertEquals(1, done.doneAbove());
  }

  @Test
  void bitsAtAndBehindTheEndAreCleared() {
    DoneChunk chunk = chunk();
    for (int i : new int[] {0, 63, 64, 70, 128, CHUNK - 1}) {
      chunk.set(i);
    }
    assertTrue(chunk.clearFrom(70));
    assertEquals(65, chunk.end());
    assertFalse(chunk.clearFrom(70));
    assertEquals(3, chunk.countFrom(0));
  }
}
