package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.bench.Faults;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class OnceCheckTest {
  private static final int PAYLOAD = 64;
  private static final long MESSAGES = 200;

  private final OnceCheck first = new OnceCheck(PAYLOAD, MESSAGES);
  private final OnceCheck second = new OnceCheck(PAYLOAD, MESSAGES);
  private final Stamp stamp = new Stamp(PAYLOAD, 0);

  private void see(OnceCheck check, long sequence) {
    check.check(new UnsafeBuffer(stamp.number(sequence)), 0, PAYLOAD);
  }

  private Faults faults() {
    return OnceCheck.faults(List.of(first, second), MESSAGES);
  }

  /** The one from the end, the other from the beginning. */
  private void shareAllBut(long left) {
    for (long i = MESSAGES - 1; i >= 0; i--) {
      if (i != left) {
        see(i % 3 == 0 ? first : second, i);
      }
    }
  }

  @Test
  void messagesThatAreSharedInAnyOrderAreFine() {
    shareAllBut(-1);
    assertTrue(faults().none(), faults().toString());
  }

  @Test
  void aMessageThatNobodySawIsLost() {
    shareAllBut(MESSAGES - 1);
    assertEquals(new Faults(1, 0, 0, 0), faults());
  }

  @Test
  void aMessageTwiceIsRepeatedWhoeverSawIt() {
    shareAllBut(-1);
    see(first, 3); // its own
    see(second, 6); // the other's
    assertEquals(new Faults(0, 2, 0, 0), faults());
  }

  @Test
  void aMessageThatWasNeverSentOrIsNotWholeIsCorrupt() {
    shareAllBut(-1);
    see(first, MESSAGES);
    byte[] torn = stamp.number(5);
    torn[PAYLOAD - 1] ^= 1;
    second.check(new UnsafeBuffer(torn), 0, PAYLOAD);
    assertEquals(new Faults(0, 0, 0, 2), faults());
  }
}
