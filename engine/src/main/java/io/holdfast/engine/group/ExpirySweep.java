package io.holdfast.engine.group;

import io.holdfast.engine.delay.DelayAnswer;
import io.holdfast.engine.delay.DelayCursor;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends what is too old while nobody receives: from the front, that is the first due retry, the
 * first message whose turn has come, and the first that nobody had. It looks no further than the
 * first that may still be handed out, and comes again when that one expires.
 *
 * <p>So a topic is looked at when something is about to expire, and not otherwise. Where a message
 * without an end stands in front, the next look is a minute after the group has moved on, as long
 * as messages with a time to live may follow: one was seen, or was sent by an earlier process.
 * Where nothing is in front, whoever sends the next one with a time to live says so. The lock of
 * the group and topic is held for every call but {@link #wantAt} and {@link #dueAt}.
 */
final class ExpirySweep {
  private static final long SECOND = 1_000; // looks are put together to the next whole one
  private static final long MINUTE = 60 * SECOND;
  private static final int RUN = 256;
  private static final LeaseHolder ANYBODY = () -> "";

  private final GroupContext context;
  private final TopicLog log;
  private final TopicState state;
  private final DelayCursor delays;
  private final MessageExpiry expiry;
  private final RecordCandidate read;
  private final ContentReader contents;
  private final AtomicLong dueAt = new AtomicLong(MessageExpiry.NEVER); // of the next look
  private final long oldEnd; // what stands below was sent by an earlier process
  private long retriesAt; // no look at retries before
  private LogReader firsts; // null between steps

  ExpirySweep(
      GroupContext context,
      TopicLog log,
      TopicState state,
      DelayCursor delays,
      MessageExpiry expiry) {
    this.context = context;
    this.log = log;
    this.state = state;
    this.delays = delays;
    this.expiry = expiry;
    this.read = new RecordCandidate(log.name(), state.order);
    this.contents = new ContentReader(log, context.group());
    this.oldEnd = log.endOffset();
  }

  /** Whether the last step was ended because it was long enough. */
  boolean isStepOver() {
    return expiry.isStepOver();
  }

  /** Plans the first look, or the first one at another place. */
  void begin(long now) {
    if (!expiry.isOff()) {
      boolean isEmpty = state.nextOffset() >= log.endOffset() && state.delayed() == 0;
      wantAt(isEmpty ? atEnd(now) : now + SECOND);
    }
  }

  void close() {
    context.sends().forget(log.number(), this);
    closeReaders();
  }

  /** When the next look is due, epoch milliseconds, or the end of time. */
  long dueAt() {
    return dueAt.get();
  }

  /** Has a look come at a time or before; anybody may call it. */
  void wantAt(long time) {
    if (time != MessageExpiry.NEVER) {
      long whole = (time + SECOND - 1) / SECOND * SECOND;
      dueAt.accumulateAndGet(whole, Math::min);
      context.timer().schedule(whole);
    }
  }

  /** Has the next tick look, where anything may expire; the caller does one itself. */
  void wantNow() {
    if (!expiry.isOff()) {
      dueAt.set(0);
    }
  }

  /** Says that the dispatcher was at work, so that another message may stand in front. */
  void moved(long now) {
    boolean mayMeetOne = expiry.isInUse() || state.nextOffset() < oldEnd;
    if (mayMeetOne && !expiry.isOff() && dueAt.get() > now + MINUTE + SECOND) {
      wantAt(now + MINUTE);
    }
  }

  /** Looks, where that is due. What a step leaves over comes with the next tick. */
  void tick(long now) {
    boolean areRetriesDue =
        expiry.isInUse() && retriesAt <= now && state.waiting.firstDue() <= now;
    if (dueAt.get() > now && !areRetriesDue) {
      return;
    }
    dueAt.set(MessageExpiry.NEVER);
    long next = now + MINUTE; // where it fails
    try {
      next = step(now);
    } finally {
      wantAt(next);
    }
  }

  private long step(long now) {
    expiry.beginStep();
    try {
      long next = Math.min(endRetries(now), endReady(now));
      next = Math.min(next, endFirsts(now));
      return expiry.isStepOver() ? now : next;
    } finally {
      expiry.endStep();
      closeReaders();
    }
  }

  private void closeReaders() {
    contents.close();
    if (firsts != null) {
      firsts.close();
      firsts = null;
    }
  }

  /** Returns when to look again at a message that is there now. */
  private static long again(long deadline, long now) {
    return deadline <= now ? now + MINUTE : deadline; // the clock is not believed now
  }

  private long endRetries(long now) {
    while (!expiry.isStepOver() && state.waiting.firstDue() <= now) {
      boolean isOther = state.waiting.isOtherDue(now);
      int slot = isOther ? state.waiting.firstOther() : state.waiting.firstSuspect();
      long offset = state.slots.offset(slot);
      RecordContent content = contents.read(offset);
      long deadline = content == null ? MessageExpiry.NEVER : expiry.deadline(content);
      if (!expiry.hasPassed(deadline, now)) {
        retriesAt = Math.min(again(deadline, now), now + MINUTE);
        return retriesAt;
      }
      state.waiting.remove(slot);
      expiry.endRetry(slot, offset, now);
    }
    retriesAt = now;
    return expiry.isInUse() ? state.waiting.firstDue() : MessageExpiry.NEVER;
  }

  private long endReady(long now) {
    while (!expiry.isStepOver()) {
      KeyOrder.Turn turn = state.firstReady(ANYBODY);
      RecordContent content = turn == null ? null : contents.read(turn.offset());
      if (content == null) {
        return MessageExpiry.NEVER;
      }
      long deadline = expiry.deadline(content);
      if (!expiry.hasPassed(deadline, now)) {
        return again(deadline, now);
      }
      state.makeFree(1);
      state.order.takeReady(turn);
      expiry.endFirst(turn.offset(), turn.key(), now);
    }
    return now;
  }

  private long endFirsts(long now) {
    while (!expiry.isStepOver()) {
      if (!expiry.drops() && state.retrying() >= context.config().maxRetrying()) {
        return now + SECOND;
      }
      long next = state.nextOffset();
      if (next >= log.visibleEnd()) {
        return atEnd(now);
      }
      int run = state.runLength(RUN);
      if (firsts == null) {
        firsts = log.reader(next);
      } else if (firsts.offset() != next) {
        firsts.seek(next);
      }
      if (firsts.offset() > next) {
        lose(next, firsts.offset()); // it was sent into a gap
        continue;
      }
      Front front = new Front(now);
      int read = firsts.poll(front, run);
      if (front.comeAgain >= 0) {
        return front.comeAgain;
      }
      if (read == 0 && firsts.offset() == next) {
        return now + SECOND;
      }
    }
    return now;
  }

  /** Nothing is in front: a message that comes now lives for maxAge, or its sender says so. */
  private long atEnd(long now) {
    context.sends().await(log.number(), this);
    if (state.nextOffset() < log.endOffset()) {
      return now + SECOND; // it came meanwhile, or is not durable yet
    }
    return expiry.maxAge() == MessageExpiry.NEVER ? MessageExpiry.NEVER : now + expiry.maxAge();
  }

  private void lose(long from, long to) {
    long lost = state.lose(from, to);
    if (lost > 0) {
      Losses.tell(context, log, from, to, lost);
    }
  }

  /** Messages that nobody had, up to the first that stays. */
  private final class Front implements RecordHandler {
    private final long now;
    private long comeAgain = -1; // set when one stays

    Front(long now) {
      this.now = now;
    }

    @Override
    public void onRecord(RecordView record) {
      long offset = record.offset();
      if (comeAgain >= 0 || offset != state.nextOffset()) {
        return;
      }
      Candidate message = read.at(record);
      if (state.isNextHeld()) {
        state.meetHeld(offset, message.key());
        return;
      }
      long deliverAt = message.deliverAt();
      long deadline = Math.max(deliverAt, expiry.deadline(message));
      if (!expiry.hasPassed(deadline, now)) {
        comeAgain = again(deadline, now);
        return;
      }
      state.ensureChunk(offset); // not before: a look that ends nothing makes no files
      state.makeFree(1);
      if (deliverAt == 0) {
        expiry.endFirst(offset, KeyOrder.NO_KEY, now);
      } else {
        DelayAnswer answer = delays.meet(offset, deliverAt, now);
        if (answer == DelayAnswer.CANCELLED) {
          state.cancel(offset);
        } else if (answer != DelayAnswer.DUE) {
          comeAgain = now + SECOND; // its cancel is on the way to the device
          return;
        } else {
          state.takeOver(offset);
          expiry.endFirst(offset, KeyOrder.NO_KEY, now);
        }
      }
      state.passed(offset);
    }

    @Override
    public void onGap(long from, long to) {
      if (comeAgain < 0) {
        lose(from, to);
      }
    }
  }
}
