package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CheckerTest {
  private static final int SIZE = 40;

  private final Payload payload = new Payload(SIZE);
  private final Checker checker = new Checker(SIZE);

  private void receive(long... sequences) {
    for (long sequence : sequences) {
      check(sequence);
    }
  }

  private long check(long sequence) {
    payload.number(sequence);
    return checker.check(payload.bytes(), 0, SIZE);
  }

  @Test
  void allInOrderIsNoFault() {
    receive(0, 1, 2, 3);
    assertTrue(checker.faults(4).none());
  }

  @Test
  void aGapIsLost() {
    receive(0, 1, 5);
    assertEquals(new Faults(3, 0, 0, 0), checker.faults(6));
  }

  @Test
  void whatIsMissingAtTheEndIsLost() {
    receive(0, 1);
    assertEquals(new Faults(2, 0, 0, 0), checker.faults(4));
  }

  @Test
  void aSecondReceiptIsRepeatedAndNotTimed() {
    receive(0, 1, 2);
    assertEquals(-1, check(1));
    assertEquals(new Faults(0, 1, 0, 0), checker.faults(3));
  }

  @Test
  void aLateOneIsDisorderedAndNotLost() {
    receive(0, 4);
    assertEquals(2, check(2));
    receive(1, 3);
    assertEquals(new Faults(0, 0, 3, 0), checker.faults(5));
  }

  @Test
  void aLateOneThatComesAgainIsRepeated() {
    receive(0, 3, 1, 1, 2, 2);
    assertEquals(new Faults(0, 2, 2, 0), checker.faults(4));
  }

  @Test
  void gapsBeyondTheBoundStayLost() {
    long sent = 2L * (Checker.MAX_GAPS + 1) + 1;
    for (long i = 0; i < sent; i += 2) {
      receive(i);
    }
    receive(1, sent - 2);
    assertEquals(new Faults(Checker.MAX_GAPS, 1, 1, 0), checker.faults(sent));
  }

  @Test
  void eachChangedBitIsCorrupt() {
    for (int bit = 0; bit < SIZE * 8; bit++) {
      payload.number(bit);
      byte[] changed = payload.bytes().clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertEquals(-1, checker.check(changed, 0, SIZE), "bit " + bit);
    }
    assertEquals(new Faults(0, 0, 0, SIZE * 8), checker.faults(SIZE * 8));
  }

  @Test
  void anotherLengthIsCorrupt() {
    payload.number(0);
    checker.check(payload.bytes(), 0, SIZE - 1);
    checker.check(payload.bytes(), 0, 0);
    assertEquals(new Faults(0, 0, 0, 2), checker.faults(2));
  }

  @Test
  void aFaultOfAnyKindIsAFault() {
    assertFalse(new Faults(1, 0, 0, 0).none());
    assertFalse(new Faults(0, 1, 0, 0).none());
    assertFalse(new Faults(0, 0, 1, 0).none());
    assertFalse(new Faults(0, 0, 0, 1).none());
  }
}
