package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SignalTest {
  @Test
  void noWakeUpIsLost() throws InterruptedException {
    Signal there = new Signal();
    Signal back = new Signal();
    AtomicLong work = new AtomicLong();
    int rounds = 20_000;
    Thread other =
        new Thread(
            () -> {
              for (int i = 1; i <= rounds; i++) {
                awaitValue(there, work, 2L * i - 1);
                work.set(2L * i);
                back.raise();
              }
            });
    other.start();
    for (int i = 1; i <= rounds; i++) {
      work.set(2L * i - 1);
      there.raise();
      awaitValue(back, work, 2L * i);
    }
    other.join();
  }

  /** A lost wake-up shows as a wait of ten seconds. */
  private static void awaitValue(Signal signal, AtomicLong work, long value) {
    try {
      while (true) {
        long version = signal.version();
        if (work.get() >= value) {
          return;
        }
        assertTrue(signal.await(version, TimeUnit.SECONDS.toNanos(10)), "lost wake-up");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRaiseBeforeTheWaitEndsItAtOnce() throws InterruptedException {
    Signal signal = new Signal();
    long version = signal.version();
    signal.raise();
    assertTrue(signal.await(version, Long.MAX_VALUE));
    assertFalse(signal.await(signal.version(), 1));
  }

  @Test
  @Timeout(30)
  void anInterruptEndsTheWait() {
    Signal signal = new Signal();
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class, () -> signal.await(signal.version(), Long.MAX_VALUE));
  }
}
