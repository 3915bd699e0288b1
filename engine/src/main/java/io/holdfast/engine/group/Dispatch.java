package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordView;
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
  private final TopicLog log;
  private final TopicState state;
  private LogReader firsts; // made when first needed
  private LogReader retries; // made when first needed
  private boolean oddForRetries; // who gets the odd one of an odd number

  Dispatch(GroupTopic groupTopic, GroupConfig config, TopicLog log, TopicState state) {
    this.groupTopic = groupTopic;
    this.config = config;
    this.log = log;
    this.state = state;
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
      takeRetries(retryShare(room), now, holder, into);
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
    if (retries != null) {
      retries.close();
    }
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

  private void takeRetries(int most, long now, LeaseHolder holder, List<Lease> into) {
    for (int i = 0; i < most && state.waiting.firstDue() <= now; i++) {
      int slot = state.waiting.first();
      RecordContent content = readRetry(state.slots.offset(slot));
      state.waiting.remove(slot);
      into.add(deliver(slot, content, now, holder));
    }
  }

  private void takeFirsts(int most, long now, LeaseHolder holder, List<Lease> into) {
    int left = most;
    while (left > 0 && !isRetryingFull()) {
      long next = state.nextOffset();
      if (next >= log.visibleEnd()) {
        return;
      }
      state.ensureChunk(next);
      int run = state.makeFree(state.runLength(left));
      if (firsts == null) {
        firsts = log.reader(next);
      } else if (firsts.offset() != next) {
        firsts.seek(next);
      }
      int taken = firsts.poll(record -> into.add(first(record, now, holder)), run);
      if (taken == 0) {
        return;
      }
      left -= taken;
    }
  }

  private Lease first(RecordView record, long now, LeaseHolder holder) {
    RecordContent content = RecordContent.of(record, log.name());
    long expected = state.nextOffset();
    if (content.offset() > expected) {
      state.skipMissing(expected, content.offset());
      state.ensureChunk(content.offset());
    }
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
    state.slots.deadline(slot, deadline);
    state.slots.consumer(slot, holder.name().getBytes(StandardCharsets.US_ASCII));
    long word = SlotWord.delivered(state.slots.word(slot));
    state.slots.word(slot, word);
    Lease lease = new Lease(groupTopic, holder, slot, word, content, lastError, now, deadline);
    state.leases.add(lease);
    return lease;
  }

  private RecordContent readRetry(long offset) {
    if (retries == null) {
      retries = log.reader(offset);
    }
    RecordContent[] content = new RecordContent[1];
    retries.read(offset, record -> content[0] = RecordContent.of(record, log.name()));
    if (content[0] == null) {
      throw new UnsupportedMessageException(
          log.name() + ": offset " + offset + " waits for a retry and cannot be read; run verify");
    }
    return content[0];
  }
}
