package io.holdfast.engine.group;

import io.holdfast.engine.delay.DelayCursor;
import io.holdfast.storage.Signal;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.HoldfastException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.agrona.collections.LongArrayList;

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

  Cancelled(
      GroupTopic groupTopic,
      Signal signal,
      ReentrantLock lock,
      TopicState state) {
    this.groupTopic = groupTopic;
    this.signal = signal;
    this.lock = lock;
    this.state = state;
  }

  /**
   * Messages that were cancelled are done from the beginning, and after a seek.
   *
   * @param counts false where those that were not are counted already
   */
  static void pass(TopicState state, DelayCursor delays, long from, long end, boolean counts) {
    LongArrayList passed = new LongArrayList();
    LongArrayList cancelled = delays.cancelled(Math.max(from, state.done.lowWaterMark()), end);
    try {
      for (int i = 0; i < cancelled.size(); i++) {
        if (!state.isTakenOver(cancelled.getLong(i))) {
          state.ensureChunk(cancelled.getLong(i));
          passed.addLong(cancelled.getLong(i));
        }
      }
    } catch (DiskFullException e) {
      LOG.log(Level.DEBUG, "what was cancelled is done when the group comes to it", e);
    }
    if (counts && !passed.isEmpty()) {
      state.counters.cancelled += passed.size();
      state.writeHead();
    }
    for (int i = 0; i < passed.size(); i++) {
      state.setBit(passed.getLong(i));
      state.passTo(passed.getLong(i) + 1);
    }
  }

  @Override
  public void accept(long offset) {
    lock.lock();
    try {
      if (!state.isClosed() && !state.isTakenOver(offset)) {
        state.cancel(offset);
        state.retireChunks();
      }
    } catch (HoldfastException e) {
      LOG.log(Level.DEBUG, groupTopic + ": offset " + offset + " is done when its time comes", e);
    } finally {
      lock.unlock();
    }
    signal.raise(); // whoever comes to it before its bit was forced has to wait
  }
}
