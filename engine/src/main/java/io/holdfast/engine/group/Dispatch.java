package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.delay.DelayAnswer;
import io.holdfast.engine.delay.DelayCursor;
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
  private static final int MOST_PASSED = 10_000; // under the lock at once, some milliseconds

  private final GroupTopic groupTopic;
  private final GroupContext context;
  private GroupConfig config;
  private final Settlement settlement;
  private final MessageExpiry expiry;
  private final PoisonedKeys poisoned; // null where the rest of a key goes on
  private final Suspects suspects;
  private final Signal signal;
  private final TopicLog log;
  private final TopicState state;
  private final DelayCursor delays;
  private final RecordCandidate read; // one that is in a reader
  private final Prefetch prefetch;
  private LogReader firsts; // made when first needed
  private LogReader dues; // the same
  private int passedBy; // messages that are not due, in this call
  private boolean hasNoRoom; // for more of them
  private final ContentReader retry;
  private long ackTimeout; // milliseconds
  private LeaseHolder lastHolder;
  private byte[] lastName; // the same one's
  private boolean oddForRetries; // who gets the odd one of an odd number

  Dispatch(
      GroupTopic groupTopic,
      GroupContext context,
      TopicLog log,
      TopicState state,
      Prefetch prefetch,
      DelayCursor delays,
      Settlement settlement,
      MessageExpiry expiry,
      PoisonedKeys poisoned) {
    this.settlement = settlement;
    this.expiry = expiry;
    this.poisoned = poisoned;
    this.groupTopic = groupTopic;
    this.context = context;
    configure(context.config());
    this.suspects = context.suspects();
    this.signal = context.signal();
    this.log = log;
    this.state = state;
    this.delays = delays;
    this.read = new RecordCandidate(log.name(), state.order);
    this.prefetch = prefetch;
    this.retry = new ContentReader(log, groupTopic.group());
  }

  /** What is handed out from now on goes by this one. */
  void configure(GroupConfig next) {
    config = next;
    ackTimeout = next.ackTimeout().toMillis();
  }

  /** Whether a limit keeps messages back that would be handed out otherwise. */
  boolean isAtLimit() {
    return state.leases.out() >= config.maxInFlight()
        || isRetryingFull()
        || state.order.room() <= 0;
  }

  /** Takes up to {@code max} messages and adds their leases to {@code into}. */
  void take(int max, long now, LeaseHolder holder, List<Lease> into) {
    expiry.beginStep();
    int room = Math.min(max, config.maxInFlight() - state.leases.out());
    if (room <= 0) {
      return;
    }
    int before = into.size();
    int full = before + room;
    passedBy = 0;
    hasNoRoom = false;
    try {
      takeSuspect(now, holder, into);
      takeRetries(retryShare(full - into.size()), now, holder, into);
      takeDue((full - into.size() + 1) / 2, now, holder, into);
      takeFirsts(full - into.size(), now, holder, into);
      takeRest(full, now, holder, into);
    } catch (RuntimeException e) {
      // What was taken has been counted and must reach the consumer; the next call fails the same
      // way.
      if (into.size() == before) {
        throw e;
      }
    } finally {
      expiry.endStep();
    }
    if (passedBy >= MOST_PASSED) {
      signal.raise(); // it goes on, when others had the lock
    }
  }

  /**
   * What is left goes to retries; where maxRetrying held first attempts back, these have made room
   * for some; and in order what was met among first attempts may be a retry that is due.
   */
  private void takeRest(int full, long now, LeaseHolder holder, List<Lease> into) {
    int had = -1;
    long met = -1;
    while (into.size() < full && (into.size() > had || state.nextOffset() > met)) {
      had = into.size();
      met = state.nextOffset();
      takeSuspect(now, holder, into);
      takeRetries(full - into.size(), now, holder, into);
      takeDue(full - into.size(), now, holder, into);
      takeFirsts(full - into.size(), now, holder, into);
    }
  }

  @Override
  public void close() {
    if (firsts != null) {
      firsts.close();
    }
    if (dues != null) {
      dues.close();
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
    boolean isOut = false;
    while (!isOut
        && !expiry.isStepOver()
        && state.waiting.isSuspectDue(now)
        && suspects.tryTake(groupTopic, signal)) {
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
    while (taken < most && !expiry.isStepOver() && state.waiting.isOtherDue(now)) {
      taken += again(state.waiting.firstOther(), now, holder, into) ? 1 : 0;
    }
  }

  /** Hands out a message that was out before; returns whether it is still there. */
  private boolean again(int slot, long now, LeaseHolder holder, List<Lease> into) {
    long offset = state.slots.offset(slot);
    RecordContent content = retry.read(offset);
    state.waiting.remove(slot);
    if (content == null) {
      Losses.ofSlot(context, log, state, slot);
      return false;
    }
    if (content.deliverAt() != 0 && delays.isCancelled(offset)) {
      state.cancelSlot(slot, offset);
      return false;
    }
    if (judge(content, now) == Verdict.EXPIRED) {
      expiry.endRetry(slot, offset, now);
      return false;
    }
    if (isPoisoned(content)) { // one that lost its bit to a power cut died before it
      settlement.condemn(slot, Failure.behindPoison(), SlotDetails.KEY);
      return false;
    }
    into.add(deliver(slot, content, now, holder));
    return true;
  }

  private void takeFirsts(int most, long now, LeaseHolder holder, List<Lease> into) {
    int full = into.size() + most;
    while (into.size() < full && !expiry.isStepOver()) {
      boolean mayBegin = !isRetryingFull();
      KeyOrder.Turn turn = mayBegin ? state.firstReady(holder) : null;
      if (turn != null) {
        takeReady(turn, now, holder, into);
        continue;
      }
      long next = state.nextOffset();
      int room = roomFor(mayBegin);
      boolean isEnough = passedBy >= MOST_PASSED || hasNoRoom;
      long there = log.visibleEnd() - next;
      if (room <= 0 || isEnough || there <= 0) {
        return;
      }
      state.ensureChunk(next);
      int fitting = (int) Math.min(Math.min(room, full - into.size()), there); // no slots for more
      int run = state.makeFree(state.runLength(fitting));
      if (takeAhead(run, mayBegin, now, holder, into)) {
        continue;
      }
      if (firsts == null) {
        firsts = log.reader(next);
      } else if (firsts.offset() != next) {
        firsts.seek(next);
      }
      if (firsts.offset() > next) {
        lose(next, firsts.offset()); // it was sent into a gap
        continue;
      }
      int taken = firsts.poll(new Firsts(mayBegin, now, holder, into), run);
      prefetch.wentOn(firsts.offset());
      if (taken == 0 && firsts.offset() == next) {
        return;
      }
    }
  }

  /** Meets up to so many messages that were read ahead; returns whether there was one. */
  private boolean takeAhead(
      int run, boolean mayBegin, long now, LeaseHolder holder, List<Lease> into) {
    int met = 0;
    while (met < run && !hasNoRoom && prefetch.isAt(state.nextOffset())) {
      long offset = prefetch.offset();
      meet(prefetch, mayBegin, now, holder, into);
      prefetch.passed(state.isPassed(offset) ? offset + 1 : offset);
      met++;
    }
    return met > 0;
  }

  /** How many messages may be met; retries that were found at open must be, whatever is full. */
  private int roomFor(boolean mayBegin) {
    if (state.hasFound()) {
      return state.isNextHeld() ? 1 : Integer.MAX_VALUE;
    }
    return mayBegin ? state.order.room() : 0;
  }

  /** First attempts, in the order of the topic. */
  private final class Firsts implements RecordHandler {
    private final boolean mayBegin;
    private final long now;
    private final LeaseHolder holder;
    private final List<Lease> into;

    Firsts(boolean mayBegin, long now, LeaseHolder holder, List<Lease> into) {
      this.mayBegin = mayBegin;
      this.now = now;
      this.holder = holder;
      this.into = into;
    }

    @Override
    public void onRecord(RecordView record) {
      if (record.offset() == state.nextOffset()) {
        meet(read.at(record), mayBegin, now, holder, into);
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
      Losses.tell(context, log, from, to, lost);
    }
  }

  /** Hands a message out that nobody had, or has it wait for its turn. */
  private void meet(
      Candidate message, boolean mayBegin, long now, LeaseHolder holder, List<Lease> into) {
    long offset = message.offset();
    long key = message.key();
    state.ensureChunk(offset); // a gap may have led into another one
    if (state.isNextHeld()) {
      state.meetHeld(offset, key);
    } else if (isDue(message, now)) {
      place(message, key, mayBegin, now, holder, into);
      state.passed(offset);
    } else if (!hasNoRoom) {
      state.passed(offset);
    }
  }

  /** Whether a message may be handed out now; one that was cancelled is done. */
  private boolean isDue(Candidate message, long now) {
    long deliverAt = message.deliverAt();
    if (deliverAt == 0) {
      return true;
    }
    DelayAnswer answer = delays.meet(message.offset(), deliverAt, now);
    if (answer == DelayAnswer.CANCELLED) {
      state.cancel(message.offset());
    }
    passedBy += answer == DelayAnswer.NOT_DUE ? 1 : 0;
    hasNoRoom |= answer == DelayAnswer.NO_ROOM;
    return answer == DelayAnswer.DUE;
  }

  /** Hands a message out, or has it wait for its turn. */
  private void place(
      Candidate message,
      long key,
      boolean mayBegin,
      long now,
      LeaseHolder holder,
      List<Lease> into) {
    long offset = message.offset();
    if (mayBegin && judge(message, now) == Verdict.EXPIRED) {
      if (message.deliverAt() != 0) {
        state.takeOver(offset);
      }
      expiry.endFirst(offset, KeyOrder.NO_KEY, now); // nobody behind it has to wait for it
      return;
    }
    if (state.order.isLocked(key)) {
      state.order.meet(key, offset);
    } else if (!mayBegin || !state.order.isFor(holder, key)) {
      state.order.meet(key, offset);
      state.order.addReady(offset, key);
    } else {
      RecordContent content = message.content(); // fails before it has the key
      state.order.meet(key, offset);
      begin(content, key, now, holder, into);
    }
    if (message.deliverAt() != 0) {
      state.takeOver(offset);
    }
  }

  /**
   * Hands messages out whose time has come since they were passed by. Those that the group has not
   * met yet are left to be met, in the order of the topic.
   */
  private void takeDue(int most, long now, LeaseHolder holder, List<Lease> into) {
    int full = into.size() + most;
    while (into.size() < full && passedBy < MOST_PASSED && delays.next(now)) {
      boolean isFull = isRetryingFull() || state.order.room() <= 0;
      if (isFull || expiry.isStepOver() || state.hasFound()) {
        return;
      }
      long offset = delays.message();
      passedBy++;
      if (!state.isPassed(offset)) {
        delays.passedUnmet();
      } else {
        if (!state.isTakenOver(offset) && offset >= log.firstOffset()) {
          takeDue(offset, now, holder, into);
        }
        delays.passed();
      }
    }
  }

  private void takeDue(long offset, long now, LeaseHolder holder, List<Lease> into) {
    state.makeFree(1);
    state.ensureChunk(offset);
    if (dues == null) {
      dues = log.reader(offset);
    }
    dues.read(offset, new Due(now, holder, into));
  }

  /** A message that the index calls due; the record says whether it is the one that was meant. */
  private final class Due implements RecordHandler {
    private final long now;
    private final LeaseHolder holder;
    private final List<Lease> into;

    Due(long now, LeaseHolder holder, List<Lease> into) {
      this.now = now;
      this.holder = holder;
      this.into = into;
    }

    @Override
    public void onRecord(RecordView record) {
      Candidate message = read.at(record);
      if (message.deliverAt() == delays.deliverAt() && isDue(message, now)) {
        place(message, message.key(), true, now, holder, into);
      }
    }

    @Override
    public void onGap(long from, long to) {
      lose(from, to);
    }
  }

  /** Hands a message out that had to wait for its turn. */
  private void takeReady(
      KeyOrder.Turn turn, long now, LeaseHolder holder, List<Lease> into) {
    RecordContent content = retry.read(turn.offset()); // never lost: that is found out at open
    state.makeFree(1);
    state.order.takeReady(turn);
    if (judge(content, now) == Verdict.EXPIRED) {
      expiry.endFirst(turn.offset(), turn.key(), now);
    } else {
      begin(content, turn.key(), now, holder, into);
    }
  }

  /** A message that has its turn is handed out, or follows one of its key to the dead letters. */
  private void begin(
      RecordContent content, long key, long now, LeaseHolder holder, List<Lease> into) {
    int slot = state.takeFree();
    state.order.holds(slot, key);
    if (isPoisoned(content)) {
      settlement.condemn(
          slot, content.offset(), Failure.behindPoison(), SlotDetails.KEY);
    } else {
      state.slots.offset(slot, content.offset());
      state.slots.firstDelivery(slot, now);
      into.add(deliver(slot, content, now, holder));
    }
  }

  /** Before the message takes a slot, or has its key. */
  private Verdict judge(Candidate message, long now) {
    return verdict(expiry.deadline(message), now);
  }

  private Verdict judge(RecordContent content, long now) {
    return verdict(expiry.deadline(content), now);
  }

  private Verdict verdict(long deadline, long now) {
    return expiry.hasPassed(deadline, now) ? Verdict.EXPIRED : Verdict.DELIVER;
  }

  private boolean isPoisoned(RecordContent content) {
    return poisoned != null
        && !poisoned.isEmpty()
        && content.sent().message().key().filter(poisoned::contains).isPresent();
  }

  private byte[] nameOf(LeaseHolder holder) {
    if (holder != lastHolder) {
      lastName = holder.name().getBytes(StandardCharsets.US_ASCII);
      lastHolder = holder;
    }
    return lastName;
  }

  /** A crash before the word: Available. After it: Available at open, with the attempt counted. */
  private Lease deliver(int slot, RecordContent content, long now, LeaseHolder holder) {
    long before = state.slots.word(slot);
    String lastError =
        SlotWord.failures(before) == 0 ? null : state.slots.details(slot).lastError();
    long deadline = now + ackTimeout;
    state.slots.consumer(slot, nameOf(holder));
    long word = SlotWord.delivered(before);
    state.slots.word(slot, word);
    // Behind the word: with the old one it would be the due time of a retry. Open has no use for
    // the deadline of a Running slot.
    state.slots.deadline(slot, deadline);
    Lease lease = new Lease(groupTopic, holder, slot, word, content, lastError, now, deadline);
    state.leases.add(lease);
    return lease;
  }
}
