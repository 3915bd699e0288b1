package io.holdfast.engine.group;

import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Ordering;
import io.holdfast.engine.Settled;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Ends leases: the rows of the table in docs/architecture.md that begin in Running, and the late
 * ack. The lock of the group and topic is held for every call; the compare-and-set on the word
 * decides.
 */
final class Settlement {
  private GroupConfig config;
  private final TopicState state;
  private final DeadLetters letters;
  private final Suspects suspects;
  private long ackTimeout; // milliseconds
  private long maxProcessing; // milliseconds
  private final SplittableRandom random;

  Settlement(
      GroupConfig config, TopicState state, DeadLetters letters, Suspects suspects, long seed) {
    configure(config);
    this.suspects = suspects;
    this.state = state;
    this.letters = letters;
    this.random = new SplittableRandom(seed);
  }

  /** What ends from now on ends by this one. */
  void configure(GroupConfig next) {
    config = next;
    ackTimeout = next.ackTimeout().toMillis();
    maxProcessing = next.maxProcessing().toMillis();
  }

  /** Running, or after a timeout Delayed or Available: Done. */
  Settled ack(Lease lease) {
    if (lease.isSettled()) {
      return Settled.ALREADY_SETTLED;
    }
    int slot = lease.slot();
    long word = state.slots.word(slot);
    SlotState found = lease.isOf(word) ? SlotWord.state(word) : SlotState.FREE;
    boolean running = found == SlotState.RUNNING;
    boolean late = found == SlotState.DELAYED || found == SlotState.AVAILABLE;
    if (!running && !late) {
      return Settled.STALE;
    }
    // A crash before this: redelivered. After it: open sets the bit and frees the slot.
    if (!state.slots.compareAndSetWord(slot, word, SlotWord.withState(word, SlotState.DONE))) {
      return Settled.STALE;
    }
    lease.settled();
    if (running) {
      end(lease);
    } else {
      state.retryNever(lease);
    }
    state.finish(slot, lease.offset());
    state.retireChunks();
    return Settled.DONE;
  }

  /**
   * Running: Delayed, or Dying when the failures reach maxAttempts.
   *
   * @param delayMillis instead of the backoff's; negative = the backoff's
   */
  Settled nack(Lease lease, Failure failure, long delayMillis, long now) {
    Settled answer = check(lease);
    if (answer == Settled.DONE) {
      answer = fail(lease, failure, delayMillis, now);
      if (answer == Settled.DONE) {
        lease.settled();
      }
    }
    return answer;
  }

  /** Running, and the lease is over: as nack, but the holder may still ack late. */
  void timeOut(Lease lease, long now) {
    Failure failure = Failure.timeout(lease.holder().name(), lease.deadline() - lease.startedAt());
    fail(lease, failure, -1, now);
  }

  /** Running: Available, or Delayed; counts no failure. */
  Settled release(Lease lease, long delayMillis, long now) {
    Settled answer = check(lease);
    if (answer == Settled.DONE) {
      answer = giveBack(lease, delayMillis, now);
      if (answer == Settled.DONE) {
        lease.settled();
      }
    }
    return answer;
  }

  /**
   * Running, and the consumer is closed: Available. Whoever has a delivery may still ack late.
   *
   * @return whether there was a lease that was meant
   */
  boolean abandon(Predicate<Lease> meant, long now) {
    boolean isAny = false;
    Lease lease = state.leases.first();
    while (lease != null) {
      Lease following = state.leases.after(lease);
      if (meant.test(lease)) {
        giveBack(lease, 0, now);
        isAny = true;
      }
      lease = following;
    }
    return isAny;
  }

  /** Running: Committing, where nothing ends it but the outcome of its transaction. */
  boolean beginCommit(Lease lease) {
    int slot = lease.slot();
    if (check(lease) != Settled.DONE || !state.slots.changeState(slot, SlotState.COMMITTING)) {
      return false;
    }
    state.leases.commits(lease);
    return true;
  }

  /** Committing, and its transaction is written: Done. A crash before it: open does the same. */
  void commit(Lease lease) {
    state.slots.changeState(lease.slot(), SlotState.DONE);
    lease.settled();
    state.leases.committed();
    if (lease.isSuspect()) {
      suspects.giveBack();
    }
    state.finish(lease.slot(), lease.offset());
    state.retireChunks();
  }

  /** Committing, and its transaction is not: Running again; Available if its consumer is gone. */
  void endCommit(Lease lease, long now) {
    state.slots.changeState(lease.slot(), SlotState.RUNNING);
    state.leases.commitEnded(lease);
    lengthen(lease, now + ackTimeout);
    if (lease.holder().isGone()) {
      giveBack(lease, 0, now);
    }
  }

  /** Running: Dying, because its holder or a rule of the group says so; counts no failure. */
  Settled reject(Lease lease, Failure failure, boolean isFatal) {
    Settled answer = check(lease);
    if (answer == Settled.DONE) {
      long word = state.slots.word(lease.slot());
      long next = SlotWord.withState(word, SlotState.DYING);
      int reason = isFatal ? SlotDetails.FATAL : SlotDetails.REJECTED;
      answer = die(lease, word, next, failure, reason);
      if (answer == Settled.DONE) {
        lease.settled();
      }
    }
    return answer;
  }

  /** Running: the deadline moves, up to maxProcessing from the delivery on. */
  Settled extend(Lease lease, long now) {
    Settled answer = check(lease);
    if (answer == Settled.DONE) {
      if (lease.handler() != null && lease.handler().isWaiting()) {
        lease.startedAt(now); // it uses nothing up while nobody works at it
      }
      lengthen(lease, now + ackTimeout);
    }
    return answer;
  }

  /** Running: the lease begins anew, as at the delivery. */
  Settled begin(Lease lease, long now) {
    Settled answer = check(lease);
    if (answer == Settled.DONE) {
      lease.startedAt(now);
      move(lease, now + ackTimeout);
    }
    return answer;
  }

  /** Never shorter than it is, and never beyond maxProcessing. */
  private void lengthen(Lease lease, long until) {
    long deadline = Math.min(until, lease.startedAt() + maxProcessing);
    move(lease, Math.max(deadline, lease.deadline()));
  }

  private void move(Lease lease, long deadline) {
    state.leases.remove(lease);
    lease.deadline(deadline);
    state.slots.deadline(lease.slot(), deadline);
    state.leases.add(lease);
  }

  /** Lengthens a lease that has run out if another of its batch was settled since it began. */
  boolean renew(Lease lease, long now) {
    LeaseBatch batch = lease.batch();
    if (batch != null && batch.renewedAt() > now - ackTimeout) {
      lengthen(lease, batch.renewedAt() + ackTimeout);
    }
    return lease.deadline() > now;
  }

  /** Whether a handler that runs, or has no thread yet, keeps the lease of its message. */
  boolean isKeptAlive(Lease lease, long now) {
    HandlerRun run = lease.handler();
    return run != null
        && (run.isWaiting() || run.isRunning() && now < lease.startedAt() + maxProcessing);
  }

  /**
   * Running at open: Available, and a suspect. A crash before the word: judged again. After it: as
   * the word says.
   */
  void suspect(int slot) {
    state.slots.deadline(slot, 0);
    long word = SlotWord.suspect(state.slots.word(slot));
    state.slots.word(slot, word);
    state.addFound(slot, word, 0);
  }

  /**
   * Running at open, and what the process died of: a failure, free at once and still a suspect, or
   * Dying when the failures reach maxAttempts. A crash before the word: judged again. After it: as
   * the word says.
   */
  void blame(int slot) {
    long word = state.slots.word(slot);
    Failure failure = Failure.crash(state.slots.details(slot).consumer());
    boolean dies = isLast(SlotWord.failures(word) + 1);
    int reason = dies ? SlotDetails.CRASH : 0;
    state.slots.error(slot, failure.type(), failure.message(), reason);
    if (dies) {
      state.slots.deadLetterEnd(slot, letters.end());
      state.slots.word(slot, SlotWord.failed(word, SlotState.DYING));
      letters.add(slot, failure);
      return;
    }
    state.slots.deadline(slot, 0);
    long next = SlotWord.suspect(SlotWord.failed(word, SlotState.AVAILABLE));
    state.slots.word(slot, next);
    state.addFound(slot, next, 0);
  }

  /**
   * Available, and not to be handed out, for a reason of {@link SlotDetails}: Dying. The generation
   * is raised before the cause is stored, which belongs to it. A crash before the last word:
   * Available. After it: open looks for the dead letter.
   */
  void condemn(int slot, long offset, Failure failure, int reason) {
    state.slots.offset(slot, offset);
    state.slots.firstDelivery(slot, 0);
    state.slots.word(slot, SlotWord.passedOver(state.slots.word(slot)));
    condemn(slot, failure, reason);
  }

  /** Delayed or Available in a slot, and not to be handed out again: the same. */
  void condemn(int slot, Failure failure, int reason) {
    long word = SlotWord.raised(state.slots.word(slot));
    state.slots.word(slot, word);
    state.slots.error(slot, failure.type(), failure.message(), reason);
    state.slots.deadLetterEnd(slot, letters.end());
    state.slots.word(slot, SlotWord.withState(word, SlotState.DYING));
    letters.add(slot, failure);
  }

  /** Available, without a slot, and too old: Done. The bit alone; a crash before it: Available. */
  void drop(long offset) {
    state.setBit(offset);
    state.retireChunks();
  }

  /** Delayed or Available in a slot, and too old: Done. Bit, then slot. */
  void drop(int slot, long offset) {
    state.finish(slot, offset);
    state.retireChunks();
  }

  private boolean isLast(int failures) {
    if (config.ordering().onPoison() == Ordering.OnPoison.BLOCK) {
      return false;
    }
    int most = config.maxAttempts();
    return most != GroupConfig.UNLIMITED_ATTEMPTS && failures >= most;
  }

  private Settled check(Lease lease) {
    if (lease.isSettled()) {
      return Settled.ALREADY_SETTLED;
    }
    long word = state.slots.word(lease.slot());
    boolean running = lease.isOf(word) && SlotWord.state(word) == SlotState.RUNNING;
    return running ? Settled.DONE : Settled.STALE;
  }

  private Settled fail(Lease lease, Failure failure, long delayMillis, long now) {
    int slot = lease.slot();
    long word = state.slots.word(slot);
    int failures = SlotWord.failures(word) + 1;
    if (isLast(failures)) {
      long next = SlotWord.failed(word, SlotState.DYING);
      return die(lease, word, next, failure, SlotDetails.ATTEMPTS);
    }
    long delay = delayMillis >= 0 ? delayMillis : config.backoff().delayMillis(failures, random);
    state.slots.error(slot, failure.type(), failure.message(), 0);
    return delay(lease, word, SlotWord.failed(word, SlotState.DELAYED), later(now, delay));
  }

  private Settled giveBack(Lease lease, long delayMillis, long now) {
    long word = state.slots.word(lease.slot());
    SlotState next = delayMillis > 0 ? SlotState.DELAYED : SlotState.AVAILABLE;
    return delay(lease, word, SlotWord.withState(word, next), later(now, delayMillis));
  }

  /** A crash before the word: Available at open, nothing counted. After it: as the word says. */
  private Settled delay(Lease lease, long word, long next, long due) {
    int slot = lease.slot();
    state.slots.deadline(slot, due);
    if (!state.slots.compareAndSetWord(slot, word, next)) {
      return Settled.STALE;
    }
    end(lease);
    state.retryLater(lease, next, due);
    return Settled.DONE;
  }

  /** A crash before the word: Available at open. After it: open looks for the dead letter. */
  private Settled die(Lease lease, long word, long next, Failure failure, int reason) {
    int slot = lease.slot();
    state.slots.error(slot, failure.type(), failure.message(), reason);
    state.slots.deadLetterEnd(slot, letters.end());
    if (!state.slots.compareAndSetWord(slot, word, next)) {
      return Settled.STALE;
    }
    end(lease);
    if (state.order.isOn() && lease.isHandled()) {
      state.order.keepKey(lease);
    }
    letters.add(slot, failure);
    return Settled.DONE;
  }

  /** Running, and the group goes to another place: its slot is freed by whoever moves it. */
  void revoke(Lease lease) {
    end(lease);
  }

  /** The message is out no more. */
  private void end(Lease lease) {
    state.leases.remove(lease);
    if (lease.isSuspect()) {
      suspects.giveBack();
    }
  }

  private static long later(long now, long delayMillis) {
    long due = now + delayMillis;
    return due < now ? Long.MAX_VALUE : due;
  }
}
