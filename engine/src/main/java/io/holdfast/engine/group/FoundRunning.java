package io.holdfast.engine.group;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The messages of a group and topic that were out when the last process ended, until it is decided
 * which of them it died of. Thread-safe.
 */
final class FoundRunning {
  private final TopicState state;
  private final Settlement settlement;
  private final ReentrantLock lock; // of the group and topic
  private final Runnable afterEvent; // releases it

  FoundRunning(
      TopicState state, Settlement settlement, ReentrantLock lock, Runnable afterEvent) {
    this.state = state;
    this.settlement = settlement;
    this.lock = lock;
    this.afterEvent = afterEvent;
  }

  /** Returns how many there are. */
  int size() {
    return state.foundRunning.size();
  }

  /** Returns how many of them were suspects already. */
  int suspects() {
    int count = 0;
    for (int i = 0; i < state.foundRunning.size(); i++) {
      count += SlotWord.isSuspect(state.slots.word(state.foundRunning.getInt(i))) ? 1 : 0;
    }
    return count;
  }

  /** Whether there are suspects that were not out. */
  boolean hasSuspectsWaiting() {
    return state.hasSuspects();
  }

  /** Suspects those that were suspects already, or those that were not. */
  void suspect(boolean suspects) {
    judge(suspects, settlement::suspect);
  }

  /** Says that they have killed the process. */
  void blame() {
    judge(true, settlement::blame);
    judge(false, settlement::blame);
  }

  private void judge(boolean suspects, IntConsumer verdict) {
    lock.lock();
    try {
      for (int i = state.foundRunning.size() - 1; i >= 0; i--) {
        int slot = state.foundRunning.getInt(i);
        if (SlotWord.isSuspect(state.slots.word(slot)) == suspects) {
          state.foundRunning.removeAt(i);
          verdict.accept(slot);
        }
      }
    } finally {
      afterEvent.run();
    }
  }
}
