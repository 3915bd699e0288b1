package io.holdfast.engine.group;

import io.holdfast.engine.OnExpiry;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.TopicLog;
import java.time.Duration;

/**
 * When messages of a topic are too old for a group, and how they end: in Dying, with the reason
 * {@code expired}, or Done. What is out does not expire, and in the topics that the engine writes
 * nothing does. The lock of the group and topic is held for every call.
 */
final class MessageExpiry {
  /** The deadline of what does not expire. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int MOST_LETTERS = 256; // in a step: whoever makes it writes them
  private static final int MOST_DROPS = 4_096; // in a step: the lock is held meanwhile

  private final GroupContext context;
  private final TopicLog log;
  private final TopicState state;
  private final Settlement settlement;
  private final ClockWatch clockWatch;
  private final boolean isInternal;
  private final boolean drops;
  private final long maxAge; // milliseconds, or NEVER
  private boolean inUse; // a message that may expire was seen
  private int ended; // in this step
  private long from; // the first of them
  private long to; // behind the last of them

  MessageExpiry(
      GroupContext context,
      TopicLog log,
      TopicState state,
      Settlement settlement) {
    TopicConfig config = TopicConfig.of(log.settings());
    this.context = context;
    this.log = log;
    this.state = state;
    this.settlement = settlement;
    this.clockWatch = context.clockWatch();
    this.isInternal =
        InternalNames.isDeadLetters(log.name()) || InternalNames.isRetry(log.name());
    this.drops = config.onExpiry() == OnExpiry.DROP;
    this.maxAge = isInternal ? NEVER : config.maxAge().map(Duration::toMillis).orElse(NEVER);
    this.inUse = maxAge != NEVER;
  }

  /** Whether nothing ever expires here. */
  boolean isOff() {
    return isInternal;
  }

  /** Milliseconds, or NEVER. */
  long maxAge() {
    return maxAge;
  }

  boolean drops() {
    return drops;
  }

  /** Whether messages expire by their age, or one with a time of its own was seen. */
  boolean isInUse() {
    return inUse;
  }

  /** Returns when a message expires, epoch milliseconds, or NEVER. */
  long deadline(Candidate message) {
    long since =
        maxAge == NEVER ? NEVER : Math.max(message.timestamp(), message.deliverAt());
    return deadline(message.expiresAt(), since);
  }

  /** The same of a record that was copied; one that was redriven has no time. */
  long deadline(RecordContent content) {
    long since = maxAge == NEVER ? NEVER : Math.max(content.timestamp(), content.deliverAt());
    return deadline(content.expiresAt(), since);
  }

  private long deadline(long own, long since) {
    inUse |= own != NEVER;
    long byAge = since + maxAge;
    return isInternal ? NEVER : Math.min(own, byAge < since || maxAge == NEVER ? NEVER : byAge);
  }

  /** Whether a message with this deadline is too old; never while the clock cannot be believed. */
  boolean hasPassed(long deadline, long now) {
    return deadline <= now && clockWatch.isTrusted();
  }

  /** Begins a step, whose length is bounded. */
  void beginStep() {
    ended = 0;
  }

  /** Whether the step should end; there may be more to do. */
  boolean isStepOver() {
    return ended >= (drops ? MOST_DROPS : MOST_LETTERS);
  }

  /** Ends a step: what was dropped in it is told. */
  void endStep() {
    if (drops && ended > 0) {
      Losses.expired(context, log, from, to, ended);
    }
  }

  /** Ends a message that has no slot; a chunk for it is there, and a free slot. */
  void endFirst(long offset, long key, long now) {
    count(offset);
    if (drops) {
      settlement.drop(offset);
      if (state.order.isOn()) {
        state.giveTurn(key);
      }
    } else {
      int slot = state.takeFree();
      state.order.holds(slot, key);
      settlement.condemn(slot, offset, Failure.expired(now), SlotDetails.EXPIRED);
    }
  }

  /** Ends a message in a slot, which waits no more; its last error stays with the letter. */
  void endRetry(int slot, long offset, long now) {
    count(offset);
    if (drops) {
      settlement.drop(slot, offset);
    } else {
      boolean hasFailed = SlotWord.failures(state.slots.word(slot)) > 0;
      settlement.condemn(
          slot,
          hasFailed ? Failure.stored(state.slots.details(slot)) : Failure.expired(now),
          SlotDetails.EXPIRED);
    }
  }

  private void count(long offset) {
    from = ended == 0 ? offset : Math.min(from, offset);
    to = ended == 0 ? offset + 1 : Math.max(to, offset + 1);
    ended++;
    state.counters.expired++;
    state.writeHead();
  }
}
