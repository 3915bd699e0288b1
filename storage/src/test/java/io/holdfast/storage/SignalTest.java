package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.IdleStrategy;
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
  void anIdleStrategyIsResetAndAskedUntilTheVersionRises() throws InterruptedException {
    Signal signal = new Signal();
    int[] calls = new int[2];
    IdleStrategy idle = idle(() -> calls[0]++, () -> raiseAtTheTenth(signal, ++calls[1]));
    assertTrue(signal.await(signal.version(), idle, Long.MAX_VALUE));
    assertArrayEquals(new int[] {1, 10}, calls);
    assertTrue(signal.await(signal.version() - 1, idle, Long.MAX_VALUE));
    assertArrayEquals(new int[] {2, 10}, calls);
    assertFalse(signal.await(signal.version(), idle, 0));
  }

  private static void raiseAtTheTenth(Signal signal, int calls) {
    if (calls == 10) {
      signal.raise();
    }
  }

  private static IdleStrategy idle(Runnable reset, Runnable idle) {
    return new IdleStrategy() {
      @Override
      public void idle(int workCount) {
        throw new AssertionError("not asked for");
      }

      @Override
      public void idle() {
        idle.run();
      }

      @Override
      public void reset() {
        reset.run();
      }
    };
  }

  @Test
  @Timeout(30)
  void anInterruptEndsTheSpin() {
    Signal signal = new Signal();
    IdleStrategy idle = idle(() -> {}, Thread.currentThread()::interrupt);
    assertThrows(
        InterruptedException.class,
        () -> signal.await(signal.version(), idle, Long.MAX_VALUE));
    assertFalse(Thread.interrupted(), "as for a parked wait the exception has it");
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
