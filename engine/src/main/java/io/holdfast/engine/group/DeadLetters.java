package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.TopicLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Brings messages from Dying to Done, each with exactly one dead letter.
 *
 * <p>Two locks. {@code writing} is held while a letter is on its way, also over the disk's work,
 * and is always taken first. The state's lock is taken inside it for moments: consumers go on
 * meanwhile.
 */
final class DeadLetters implements LongSupplier {
  private static final Logger LOG = System.getLogger(DeadLetters.class.getName());
  private static final long RETRY_MILLIS = 1_000;
  private static final int SCAN_BATCH = 256;

  private final GroupContext context;
  private final TopicLog log;
  private final TopicState state;
  private final ReentrantLock stateLock;
  private final DeadLetterTopic letters;
  private final boolean parks;
  private final boolean forces;
  private final ReentrantLock writing = new ReentrantLock();
  private final Deque<Integer> dying = new ArrayDeque<>(); // slots; guarded by stateLock
  private final Map<Integer, Failure> failures = new HashMap<>(); // by slot; guarded by stateLock
  private volatile long retryAt = Long.MAX_VALUE; // written under writing, read by anybody
  private final ContentReader source; // guarded by writing
  private final Set<Integer> written = new HashSet<>(); // slots with a letter; guarded by writing
  private boolean stopped; // guarded by writing
  private int failedTries; // in a row; guarded by writing

  DeadLetters(GroupContext context, TopicLog log, TopicState state, ReentrantLock stateLock) {
    this.context = context;
    this.log = log;
    this.state = state;
    this.stateLock = stateLock;
    this.letters = new DeadLetterTopic(context.store(), log, context.group());
    this.parks = DeadLetterTopic.isName(log.name());
    this.source = new ContentReader(log, context.group());
    this.forces = log.settings().durability().forcesBeforeConfirming();
  }

  /** Returns the end of the dead-letter topic, to be stored in a slot that enters Dying. */
  long end() {
    return parks ? 0 : letters.end();
  }

  /** Returns how many messages have ended here. */
  @Override
  public long getAsLong() {
    return end() + state.parked();
  }

  /** Takes a slot that says Dying; the state's lock is held. */
  void add(int slot, Failure failure) {
    dying.addLast(slot);
    failures.put(slot, failure);
    state.dyingChanged(1);
  }

  /** Takes the slots that recovery found in Dying and drops those whose letter is there already. */
  void recover(List<Integer> slots) {
    letters.end(); // finds the topic while the store can be used
    Map<String, Integer> wanted = new HashMap<>();
    long from = Long.MAX_VALUE;
    for (int slot : slots) {
      long offset = state.slots.offset(slot);
      RecordContent content = parks ? null : source.read(offset);
      if (!parks && content == null) {
        state.loseSlot(slot, offset);
        Losses.log("group " + context.group() + " on topic " + log.name(), offset, offset + 1, 1);
        continue;
      }
      add(slot, Failure.stored(state.slots.details(slot)));
      from = Math.min(from, state.slots.deadLetterEnd(slot));
      if (!parks) {
        wanted.put(id(content), slot);
      }
    }
    TopicLog written = wanted.isEmpty() ? null : letters.log().orElse(null);
    if (written != null) {
      from = Math.max(Math.min(from, written.endOffset()), written.firstOffset());
      try (LogReader reader = written.reader(from)) {
        RecordHandler look =
            record -> found(RecordContent.of(record, letters.toString()), wanted);
        while (reader.poll(look, SCAN_BATCH) > 0) {
          // until the end of the topic
        }
      }
    }
    if (!parks) {
      List.copyOf(dying).forEach(this::takeBackWhereTorn);
    }
    retryAt = dying.isEmpty() ? Long.MAX_VALUE : context.clock().time();
  }

  /**
   * A power cut may leave a word that says Dying and not the cause that was stored before it.
   * Nobody was told of that failure, so it does not count: the message is Available, as if the cut
   * had come before (6).
   */
  private void takeBackWhereTorn(Integer slot) {
    if (!state.slots.isErrorWhole(slot)) {
      dying.remove(slot);
      failures.remove(slot);
      state.dyingChanged(-1);
      state.takeBack(slot, context.config().maxAttempts() - 1);
    }
  }

  private void found(RecordContent letter, Map<String, Integer> wanted) {
    Integer slot =
        letter.sent().message().header(DeadLetterMessage.ID).map(wanted::remove).orElse(null);
    if (slot != null) {
      dying.remove(slot);
      failures.remove(slot);
      end(slot, state.slots.offset(slot));
    }
  }

  /** When to try again what failed; the end of time where there is nothing. */
  long retryAt() {
    return retryAt;
  }

  /** Whether slots wait; the state's lock is held. */
  boolean areWaiting() {
    return !dying.isEmpty();
  }

  /**
   * Writes the letters that wait. Whoever comes while another thread does it leaves its slot to
   * that one. What cannot be written stays Dying and is tried again after a second.
   */
  void write() {
    while (isWorkLeft() && writing.tryLock()) {
      try {
        if (stopped || !writeAll()) {
          return;
        }
      } finally {
        writing.unlock();
      }
    }
  }

  /** Waits for a letter that is on its way and lets nobody begin another. */
  void stop() {
    writing.lock();
    try {
      stopped = true;
      source.close();
    } finally {
      writing.unlock();
    }
  }

  private boolean writeAll() {
    retryAt = Long.MAX_VALUE;
    for (Integer slot = next(); slot != null; slot = next()) {
      try {
        write(slot);
        failedTries = 0;
      } catch (RuntimeException e) { // whatever it was: the message must not be lost
        complain(e);
        putBack(slot);
        return false;
      } catch (Error e) {
        putBack(slot);
        throw e;
      }
    }
    return true;
  }

  /** Says so at the first, second, fourth, eighth, ... failure: a full disk may stay full. */
  private void complain(RuntimeException error) {
    failedTries++;
    if (Integer.bitCount(failedTries) == 1) {
      LOG.log(
          Level.WARNING,
          "a dead letter of group " + context.group() + " could not be written to " + letters
              + ", try " + failedTries + "; the message is kept, next try in " + RETRY_MILLIS
              + " ms",
          error);
    }
  }

  /**
   * The way of one letter; docs/architecture.md gives each step's number and what a crash means.
   */
  private void write(int slot) {
    context.steps().accept(DeadLetterStep.SLOT_DYING);
    if (parks) {
      inState(() -> park(slot));
      return;
    }
    if (forces) {
      state.forceSlot(slot);
      context.steps().accept(DeadLetterStep.SLOT_FORCED);
    }
    if (!written.contains(slot)) {
      letters.write(letter(slot));
      written.add(slot);
    }
    context.steps().accept(DeadLetterStep.LETTER_WRITTEN);
    inState(
        () -> {
          end(slot, state.slots.offset(slot));
          failures.remove(slot);
          return null;
        });
    written.remove(slot);
    context.steps().accept(DeadLetterStep.SLOT_FREED);
    context.signal().raise();
  }

  private Message letter(int slot) {
    RecordContent content = source.read(state.slots.offset(slot)); // else it was lost at open
    return DeadLetterMessage.of(
        id(content),
        log.name(),
        context.group(),
        content,
        state.slots.word(slot),
        state.slots.details(slot),
        inState(() -> failures.get(slot)),
        context.clock().time());
  }

  /** Bit, its page on powerLoss, slot. A lost bit would bring the message, and a second letter. */
  private void end(int slot, long offset) {
    state.setBit(offset);
    if (forces) {
      state.forceBit(offset);
    }
    context.steps().accept(DeadLetterStep.BIT_SET);
    state.freeSlot(slot, offset);
    state.dyingChanged(-1);
    state.retireChunks(this);
  }

  /** There is no dead letter of a dead letter: it stays where it is and comes no more. */
  private Void park(int slot) {
    long offset = state.slots.offset(slot);
    state.park();
    state.finish(slot, offset);
    failures.remove(slot);
    state.dyingChanged(-1);
    state.writeHead(getAsLong());
    state.retireChunks(this);
    LOG.log(
        Level.WARNING,
        "group " + context.group() + " parked offset " + offset + " of " + log.name()
            + ": it failed there as often as the group allows");
    return null;
  }

  private String id(RecordContent content) {
    return DeadLetterMessage.id(
        log.number(), content.writerEpoch(), content.offset(), context.group());
  }

  private boolean isWorkLeft() {
    return inState(this::areWaiting);
  }

  private Integer next() {
    return inState(dying::pollFirst);
  }

  /** For the next try. */
  private void putBack(int slot) {
    inState(
        () -> {
          dying.addFirst(slot);
          return null;
        });
    retryAt = context.clock().time() + RETRY_MILLIS;
    context.timer().schedule(retryAt);
  }

  private <T> T inState(Supplier<T> work) {
    stateLock.lock();
    try {
      return work.get();
    } finally {
      stateLock.unlock();
    }
  }
}
