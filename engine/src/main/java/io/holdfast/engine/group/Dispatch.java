package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.Signal;
import io.holdfast.storage.TopicLog;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Hands messages out: due retries, which get at most half while there are first attempts, and first
 * attempts in the order of the topic. The lock of the group and topic is held for every call.
 */
final class Dispatch implements AutoCloseable {
  private final GroupTopic groupTopic;
  private final GroupConfig config;
  private final Suspects suspects;
  private final Signal signal;
  private final TopicLog log;
  private final TopicState state;
  private LogReader firsts; // made when first needed
  private final ContentReader retry;
  private boolean oddForRetries; // who gets the odd one of an odd number

  Dispatch(GroupTopic groupTopic, GroupContext context, TopicLog log, TopicState state) {
    this.groupTopic = groupTopic;
    this.config = context.config();
    this.suspects = context.suspects();
    this.signal = context.signal();
    this.log = log;
    this.state = state;
    this.retry = new ContentReader(log, groupTopic.group());
  }

  /** Whether a limit keeps messages back that would be handed out otherwise. */
  boolean isAtLimit() {
    return state.leases.size() >= config.maxInFlight() || isRetryingFull();
  }

  /** Takes up to {@code max} messages and adds their leases to {@code into}. */
  void take(int max, long now, LeaseHolder holder, List<Lease> into) {
    int room = Math.min(max, config.maxInFlight() - state.leases.size());
    if (room <= 0) {
      return;
    }
    int before = into.size();
    try {
      takeSuspect(now, holder, into);
      takeRetries(retryShare(room - (into.size() - before)), now, holder, into);
      takeFirsts(room - (into.size() - before), now, holder, into);
      takeRetries(room - (into.size() - before), now, holder, into);
      // Where maxRetrying held first attempts back, the retries have made room for some.
      takeFirsts(room - (into.size() - before), now, holder, into);
    } catch (RuntimeException e) {
      // What was taken has been counted and must reach the consumer; the next call fails the same
      // way.
      if (into.size() == before) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    if (firsts != null) {
      firsts.close();
    }
    retry.close();
  }

  private boolean isRetryingFull() {
    return state.retrying() >= config.maxRetrying();
  }

  private int retryShare(int room) {
    int share = room / 2;
    if ((room & 1) != 0) {
      share += oddForRetries ? 1 : 0;
      oddForRetries = !oddForRetries;
    }
    return share;
  }

  /** One at a time in the whole store, so that the death of the process would name it. */
  private void takeSuspect(long now, LeaseHolder holder, List<Lease> into) {
    if (state.waiting.isSuspectDue(now) && suspects.tryTake(groupTopic, signal)) {
      boolean isOut = false;
      try {
        isOut = again(state.waiting.firstSuspect(), now, holder, into);
      } finally {
        if (!isOut) {
          suspects.giveBack();
        }
      }
    }
  }

  private void takeRetries(int most, long now, LeaseHolder holder, List<Lease> into) {
    int taken = 0;
    while (taken < most && state.waiting.isOtherDue(now)) {
      taken += again(state.waiting.firstOther(), now, holder, into) ? 1 : 0;
    }
  }

  /** Hands out a message that was out before; returns whether it is still there. */
  private boolean again(int slot, long now, LeaseHolder holder, List<Lease> into) {
    long offset = state.slots.offset(slot);
    RecordContent content = retry.read(offset);
    state.waiting.remove(slot);
    if (content == null) {
      state.loseSlot(slot, offset);
      Losses.log(groupTopic, offset, offset + 1, 1);
      return false;
    }
    into.add(deliver(slot, content, now, holder));
    return true;
  }

  private void takeFirsts(int most, long now, LeaseHolder holder, List<Lease> into) {
    int full = into.size() + most;
    while (into.size() < full && !isRetryingFull()) {
      long next = state.nextOffset();
      if (next >= log.visibleEnd()) {
        return;
      }
      state.ensureChunk(next);
      int run = state.makeFree(state.runLength(full - into.size()));
      if (firsts == null) {
        firsts = log.reader(next);
      } else if (firsts.offset() != next) {
        firsts.seek(next);
      }
      if (firsts.offset() > next) {
        lose(next, firsts.offset()); // it was sent into a gap
        continue;
      }
      int taken = firsts.poll(new Firsts(now, holder, into), run);
      if (taken == 0 && firsts.offset() == next) {
        return;
      }
    }
  }

  /** First attempts, in the order of the topic. */
  private final class Firsts implements RecordHandler {
    private final long now;
    private final LeaseHolder holder;
    private final List<Lease> into;

    Firsts(long now, LeaseHolder holder, List<Lease> into) {
      this.now = now;
      this.holder = holder;
      this.into = into;
    }

    @Override
    public void onRecord(RecordView record) {
      if (record.offset() == state.nextOffset()) {
        into.add(first(record, now, holder));
      } // else the message behind a gap is done, or in a slot, and the next run begins further on
    }

    @Override
    public void onGap(long from, long to) {
      lose(from, to);
    }
  }

  /** Messages that a salvage could not save count as done: nobody waits for them. */
  private void lose(long from, long to) {
    long lost = state.lose(from, to);
    if (lost > 0) {
      Losses.log(groupTopic, from, to, lost);
    }
  }

  private Lease first(RecordView record, long now, LeaseHolder holder) {
    RecordContent content = RecordContent.of(record, log.name());
    state.ensureChunk(content.offset()); // a gap may have led into another one
    int slot = state.takeFree();
    state.slots.offset(slot, content.offset());
    state.slots.firstDelivery(slot, now);
    Lease lease = deliver(slot, content, now, holder);
    state.passed(content.offset());
    return lease;
  }

  /** A crash before the word: Available. After it: Available at open, with the attempt counted. */
  private Lease deliver(int slot, RecordContent content, long now, LeaseHolder holder) {
    String lastError = state.slots.details(slot).lastError();
    long deadline = now + config.ackTimeout().toMillis();
    state.slots.consumer(slot, holder.name().getBytes(StandardCharsets.US_ASCII));
    long word = SlotWord.delivered(state.slots.word(slot));
    state.slots.word(slot, word);
    // Behind the word: with the old one it would be the due time of a retry. Open has no use for
    // the deadline of a Running slot.
    state.slots.deadline(slot, deadline);
    Lease lease = new Lease(groupTopic, holder, slot, word, content, lastError, now, deadline);
    state.leases.add(lease);
    return lease;
  }
}
