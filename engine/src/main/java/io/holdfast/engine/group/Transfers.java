package io.holdfast.engine.group;

import io.holdfast.engine.Message;
import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.engine.message.MessageDecoder;
import io.holdfast.engine.message.SentMessage;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.TopicLog;
import java.lang.System.Logger;
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
 * Brings messages of a topic from Dying to Done, each with exactly one copy in another topic,
 * wherever the process dies: failed messages become dead letters, and dead letters redriven
 * messages.
 *
 * <p>Two locks. {@code writing} is held while a copy is on its way, also over the disk's work, and
 * is always taken first. The state's lock is taken inside it for moments: consumers go on
 * meanwhile.
 */
abstract class Transfers implements LongSupplier {
  private static final Logger LOG = System.getLogger(Transfers.class.getName());
  private static final long RETRY_MILLIS = 1_000;
  private static final int SCAN_BATCH = 256;

  final GroupContext context;
  final TopicLog log;
  final TopicState state;
  final InternalTopic target; // null where messages end without a copy
  private final ReentrantLock stateLock;
  private final boolean forces;
  private final ReentrantLock writing = new ReentrantLock();
  private final Deque<Integer> dying = new ArrayDeque<>(); // slots; guarded by stateLock
  private volatile long retryAt = Long.MAX_VALUE; // written under writing, read by anybody
  private final ContentReader source; // guarded by writing
  private final Set<Integer> written = new HashSet<>(); // slots with a copy; guarded by writing
  private boolean stopped; // guarded by writing
  private final Complaints complaints = new Complaints(LOG);

  Transfers(
      GroupContext context,
      TopicLog log,
      TopicState state,
      ReentrantLock stateLock,
      InternalTopic target) {
    this.context = context;
    this.log = log;
    this.state = state;
    this.stateLock = stateLock;
    this.target = target;
    this.source = new ContentReader(log, context.group());
    this.forces = log.settings().durability().forcesBeforeConfirming();
  }

  /** Returns what makes the copy of a message the only one. */
  abstract String id(RecordContent content);

  /** Returns the header in which a copy carries that id. */
  abstract String idHeader();

  /** Builds the copy of the message in a slot. */
  abstract Message copy(String id, RecordContent content, int slot);

  /** Takes a slot that recovery found in Dying; the state's lock is held, or nobody else there. */
  abstract void foundDying(int slot);

  /**
   * Makes a slot that recovery found in Dying free for another try if the cause in it is not whole;
   * returns whether that was so.
   */
  abstract boolean takeBackWhereTorn(int slot);

  /** Stores what has to be there before the copy; holds no lock of the state. */
  void prepare(int slot) {
    // Nothing, but for dead letters of a group with a certain order.
  }

  /** Ends a message without a copy, where there is no target; the state's lock is held. */
  abstract void endWithoutCopy(int slot);

  /** Forgets what is known of a slot beside its state; the state's lock is held. */
  abstract void forget(int slot);

  /** Returns what a copy is called in a warning. */
  abstract String copyName();

  /** Returns the end of the target, to be stored in a slot that enters Dying. */
  final long end() {
    return target == null ? 0 : target.end();
  }

  /** Takes a slot that says Dying; the state's lock is held. */
  final void addDying(int slot) {
    dying.addLast(slot);
    state.dyingChanged(1);
  }

  /** Takes the slots that recovery found in Dying and ends those whose copy is there already. */
  final void recover(List<Integer> slots) {
    stateLock.lock(); // whoever cancels a delayed message sees the group already
    try {
      recoverState(slots);
    } finally {
      stateLock.unlock();
    }
  }

  private void recoverState(List<Integer> slots) {
    end(); // finds the topic while the store can be used
    Map<String, Integer> wanted = new HashMap<>();
    long from = Long.MAX_VALUE;
    for (int slot : slots) {
      long offset = state.slots.offset(slot);
      RecordContent content = target == null ? null : source.read(offset);
      if (target != null && content == null) {
        Losses.ofSlot(context, log, state, slot);
        continue;
      }
      foundDying(slot);
      addDying(slot);
      from = Math.min(from, state.slots.deadLetterEnd(slot));
      if (target != null) {
        wanted.put(id(content), slot);
      }
    }
    TopicLog copies = wanted.isEmpty() ? null : target.log().orElse(null);
    if (copies != null) {
      from = Math.max(Math.min(from, copies.endOffset()), copies.firstOffset());
      try (LogReader reader = copies.reader(from)) {
        MessageDecoder decoder = new MessageDecoder(copies.name());
        RecordHandler look = record -> found(decoder.read(record), wanted);
        while (reader.poll(look, SCAN_BATCH) > 0) {
          // until the end of the topic
        }
      }
    }
    if (target != null) {
      for (Integer slot : List.copyOf(dying)) {
        if (takeBackWhereTorn(slot)) {
          drop(slot);
          state.dyingChanged(-1);
        }
      }
    }
    retryAt = dying.isEmpty() ? Long.MAX_VALUE : 0; // at once, whatever the clock says
  }

  private void found(SentMessage copy, Map<String, Integer> wanted) {
    Integer slot = copy.message().header(idHeader()).map(wanted::remove).orElse(null);
    if (slot != null) {
      drop(slot);
      end(slot, state.slots.offset(slot));
    }
  }

  private void drop(Integer slot) {
    dying.remove(slot);
    forget(slot);
  }

  /** When to try again what failed; the end of time where there is nothing. */
  final long retryAt() {
    return retryAt;
  }

  /** Whether slots wait; the state's lock is held. */
  final boolean areWaiting() {
    return !dying.isEmpty();
  }

  /**
   * Writes the copies that wait. Whoever comes while another thread does it leaves its slot to that
   * one. What cannot be written stays Dying and is tried again after a second.
   */
  final void write() {
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

  /**
   * Writes the copy of a slot that says Dying and was not added. Whoever calls is told what fails;
   * the slot is tried again after a second, or at the next open.
   */
  final void writeNow(int slot) {
    writing.lock();
    try {
      if (stopped) {
        throw new AlreadyClosedException(
            copyName() + " of group " + context.group() + " could not be written to " + target
                + ": the engine is closed; the next opening writes it");
      }
      write(slot);
    } catch (AlreadyClosedException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      putBack(slot);
      throw e;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Changes the state while nothing is in Dying and no copy is on its way: what waits is written
   * first. The state's lock is held for the change.
   *
   * @return what the change returns
   * @throws RuntimeException when a copy cannot be written; nothing was changed
   */
  final <T> T whileNoneIsDying(Supplier<T> change) {
    writing.lock();
    try {
      if (stopped) {
        throw new AlreadyClosedException("group " + context.group() + " is closed");
      }
      while (true) {
        writeWaiting();
        stateLock.lock();
        try {
          if (dying.isEmpty()) {
            return change.get();
          }
        } finally {
          stateLock.unlock();
        }
      }
    } finally {
      writing.unlock();
    }
  }

  private void writeWaiting() {
    for (Integer slot = next(); slot != null; slot = next()) {
      try {
        write(slot);
      } catch (RuntimeException | Error e) {
        putBack(slot);
        throw e;
      }
    }
    retryAt = Long.MAX_VALUE;
  }

  /** Waits for a copy that is on its way and lets nobody begin another. */
  final void stop() {
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
        complaints.worked(this);
      } catch (RuntimeException e) { // whatever it was: the message must not be lost
        complaints.failed(
            this,
            copyName() + " of group " + context.group() + " could not be written to " + target
                + "; the message is kept, next try in " + RETRY_MILLIS + " ms",
            e);
        putBack(slot);
        return false;
      } catch (Error e) {
        putBack(slot);
        throw e;
      }
    }
    return true;
  }

  /**
   * The way of one message; docs/architecture.md gives each step's number and what a crash means.
   */
  private void write(int slot) {
    context.steps().accept(DeadLetterStep.SLOT_DYING);
    prepare(slot);
    if (target == null) {
      inState(
          () -> {
            endWithoutCopy(slot);
            return null;
          });
      return;
    }
    if (forces) {
      state.forceSlot(slot);
      context.steps().accept(DeadLetterStep.SLOT_FORCED);
    }
    if (!written.contains(slot)) {
      RecordContent content = content(slot);
      if (content == null) { // retention was faster
        inState(() -> lost(slot));
        return;
      }
      target.write(copy(id(content), content, slot));
      written.add(slot);
    }
    context.steps().accept(DeadLetterStep.LETTER_WRITTEN);
    inState(
        () -> {
          end(slot, state.slots.offset(slot));
          forget(slot);
          return null;
        });
    written.remove(slot);
    context.steps().accept(DeadLetterStep.SLOT_FREED);
    context.signal().raise();
  }

  private Void lost(int slot) {
    Losses.ofSlot(context, log, state, slot);
    forget(slot);
    state.dyingChanged(-1);
    return null;
  }

  /** Bit, its page on powerLoss, slot. A lost bit would bring the message, and a second copy. */
  private void end(int slot, long offset) {
    state.setBit(offset);
    if (forces) {
      state.forceBit(offset);
    }
    context.steps().accept(DeadLetterStep.BIT_SET);
    state.freeSlot(slot, offset);
    state.dyingChanged(-1);
    state.retireChunks();
  }

  /** Reads the message of a slot; one that was lost is found out at open. */
  final RecordContent content(int slot) {
    return source.read(state.slots.offset(slot));
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
          dying.addLast(slot); // what it needs, others may not need
          return null;
        });
    retryAt = context.clock().time() + RETRY_MILLIS;
    context.timer().schedule(retryAt);
  }

  final <T> T inState(Supplier<T> work) {
    stateLock.lock();
    try {
      return work.get();
    } finally {
      stateLock.unlock();
    }
  }
}
