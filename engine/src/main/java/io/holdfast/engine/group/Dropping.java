package io.holdfast.engine.group;

import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * Takes messages away from a group that is not done with them, because retention or a limit of the
 * topic does not leave it any longer: they count as done, and as dropped. What is in a slot, out or
 * waiting for another try, is left alone.
 *
 * <p>Invariant: the head says how many were dropped, and below which offset, before a bit of them
 * is set. A crash before the head leaves all of them to be handed out; after it, open sets the bits
 * that are missing and counts nothing. So each is counted once. The lock of the group and topic is
 * held for every call.
 */
final class Dropping {
  private final TopicState state;
  private final boolean forces; // a power cut must not take a slot away that was left alone

  Dropping(TopicState state, boolean forces) {
    this.state = state;
    this.forces = forces;
  }

  /**
   * Drops everything below an offset whose records are going away.
   *
   * @param to at most the topic's end
   * @return how many the group was not done with
   */
  long below(long to) {
    if (to <= state.done.lowWaterMark()) {
      return 0;
    }
    long before = state.counters.dropped;
    LongHashSet inSlots = slotsBelow(to);
    LongArrayList unmet = state.unmetBelow(to); // in order they could not be met any more
    unmet.forEachLong(inSlots::remove);
    makeChunks(to, inSlots);
    unmet.forEachLong(state::dropUnmet);
    drop(to, inSlots);
    return state.counters.dropped - before;
  }

  /**
   * Drops the oldest messages that are in no slot: all that are asked for, or none.
   *
   * @param count how many
   * @param end offset that is not reached
   * @return the offset behind them; negative where there were fewer
   */
  long oldest(long count, long end) {
    LongHashSet inSlots = slotsBelow(end);
    long to = behindOldest(count, end, inSlots);
    if (to > 0) {
      makeChunks(to, inSlots);
      drop(to, inSlots);
    }
    return to;
  }

  /** Whether there are so many messages that are in no slot. */
  boolean hasOldest(long count, long end) {
    return behindOldest(count, end, slotsBelow(end)) > 0;
  }

  /** Returns the offset behind so many of the oldest messages, or -1 where there are fewer. */
  private long behindOldest(long count, long end, LongHashSet inSlots) {
    long left = count;
    for (long at = state.done.nextNotDone(0); at < end; at = state.done.nextNotDone(at + 1)) {
      left -= inSlots.contains(at) ? 0 : 1;
      if (left == 0) {
        return at + 1;
      }
    }
    return -1;
  }

  /** Makes what the bits need, so that the disk is full before anything is counted. */
  private void makeChunks(long to, LongHashSet inSlots) {
    long at = state.done.nextNotDone(first(inSlots));
    for (; at < to; at = state.done.nextNotDone(at + 1)) {
      if (!inSlots.contains(at)) {
        state.ensureChunk(at);
      }
    }
  }

  private static long first(LongHashSet inSlots) {
    return inSlots.stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
  }

  private void drop(long to, LongHashSet inSlots) {
    long first = first(inSlots);
    boolean isBetween = first < to;
    if (isBetween && forces) {
      state.forceSlots(); // else its message would count as one of those that were dropped
    }
    state.counters.dropped += state.skipTo(Math.min(to, first));
    if (isBetween) {
      dropBetweenSlots(to, inSlots);
    }
    state.passTo(to);
    state.writeHead();
    state.retireChunks();
  }

  private void dropBetweenSlots(long to, LongHashSet inSlots) {
    long mark = state.done.lowWaterMark();
    for (long at = mark; at < to; at = state.done.nextNotDone(at + 1)) {
      state.counters.dropped += inSlots.contains(at) ? 0 : 1;
    }
    state.droppedTo(to);
    state.writeHead();
    if (forces) {
      state.forceHeadNow(); // else the device may have the bits, and no count of them
    }
    setBits(state, to, inSlots);
  }

  /** Also at open, where a crash came between the head and the bits. */
  static void setBits(TopicState state, long to, LongHashSet inSlots) {
    long mark = state.done.lowWaterMark();
    for (long at = state.done.nextNotDone(mark); at < to; at = state.done.nextNotDone(at + 1)) {
      if (!inSlots.contains(at)) {
        state.ensureChunk(at);
        state.setBit(at);
      }
    }
  }

  private LongHashSet slotsBelow(long to) {
    return slotsBelow(state, to);
  }

  static LongHashSet slotsBelow(TopicState state, long to) {
    LongHashSet offsets = new LongHashSet();
    for (int slot = 0; slot < state.slots.size(); slot++) {
      long offset = state.slots.offset(slot);
      if (SlotWord.state(state.slots.word(slot)) != SlotState.FREE
          && offset < to
          && !state.done.isDone(offset)) {
        offsets.add(offset);
      }
    }
    return offsets;
  }
}
