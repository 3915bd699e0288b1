package io.holdfast.engine.group;

import io.holdfast.storage.Signal;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Ends the life of a delayed message that was cancelled, whether the dispatcher has passed it by or
 * not met it yet: it must not hold the low-water mark back until its time, nor count as unfinished.
 * Thread-safe.
 */
final class Cancelled implements LongConsumer {
  private static final Logger LOG = System.getLogger(Cancelled.class.getName());

  private final GroupTopic groupTopic;
  private final Signal signal;
  private final ReentrantLock lock; // of the state
  private final TopicState state;
  private final LongSupplier dead;

  Cancelled(
      GroupTopic groupTopic,
      Signal signal,
      ReentrantLock lock,
      TopicState state,
      LongSupplier dead) {
    this.groupTopic = groupTopic;
    this.signal = signal;
    this.lock = lock;
    this.state = state;
    this.dead = dead;
  }

  @Override
  public void accept(long offset) {
    lock.lock();
    try {
      if (!state.isClosed() && !state.isTakenOver(offset)) {
        state.cancel(offset);
        state.retireChunks(dead);
      }
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, groupTopic + ": offset " + offset + " is done when its time comes", e);
    } finally {
      lock.unlock();
    }
    signal.raise(); // whoever comes to it before its bit was forced has to wait
  }
}
