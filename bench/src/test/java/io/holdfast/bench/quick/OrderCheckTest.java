package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.bench.Faults;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class OrderCheckTest {
  private static final int SIZE = 192;

  private final OrderCheck check = new OrderCheck(SIZE, 2);

  private void receive(int producer, long sequence) {
    byte[] bytes = new Stamp(SIZE, producer).number(sequence);
    check.check(new UnsafeBuffer(bytes), 0, bytes.length);
  }

  @Test
  void producersAreWatchedApart() {
    receive(0, 0);
    receive(1, 0);
    receive(1, 1);
    receive(0, 1);
    assertTrue(check.hasAll(2, 2));
    assertFalse(check.hasAll(2, 3));
    assertTrue(check.faults(2, 2).none());
  }

  @Test
  void whatIsMissingIsLostAtTheEndAndInTheMiddle() {
    receive(0, 0);
    receive(0, 3);
    assertEquals(new Faults(2 + 1, 0, 0, 0), check.faults(5, 0));
  }

  @Test
  void whatComesLateIsDisorderedAndWhatComesTwiceRepeated() {
    receive(0, 1);
    receive(0, 0);
    receive(0, 1);
    assertEquals(new Faults(0, 1, 1, 0), check.faults(2, 0));
  }

  @Test
  void aChangedByteInAnyMarkIsFound() {
    byte[] bytes = new Stamp(SIZE, 1).number(7);
    for (int at : new int[] {0, 8, 64, 128, SIZE - 1}) {
      byte[] changed = bytes.clone();
      changed[at] ^= 1;
      assertEquals(
          Stamp.CORRUPT, Stamp.sequence(new UnsafeBuffer(changed), 0, SIZE, SIZE), "byte " + at);
    }
    assertEquals(7, Stamp.sequence(new UnsafeBuffer(bytes), 0, SIZE, SIZE));
    assertEquals(Stamp.CORRUPT, Stamp.sequence(new UnsafeBuffer(bytes), 0, SIZE - 64, SIZE));
  }
}
