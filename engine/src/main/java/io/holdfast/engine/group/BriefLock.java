package io.holdfast.engine.group;

import java.util.concurrent.locks.ReentrantLock;

/**
 * How a lock is taken that is held for moments: with more threads than cores it is better to let
 * the others run than to sleep and be woken.
 */
final class BriefLock {
  private static final int SPINS = 100;
  private static final int TRIES = SPINS + 50; // then it sleeps: somebody may wait for the disk

  private BriefLock() {}

  static void enter(ReentrantLock lock) {
    for (int tries = 0; tries < TRIES; tries++) {
      if (lock.tryLock()) {
        return;
      }
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    lock.lock();
  }

  static void run(ReentrantLock lock, Runnable work) {
    enter(lock);
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }
}
