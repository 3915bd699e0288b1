package io.holdfast.engine.group;

import io.holdfast.engine.delay.DelayCursor;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.StorageIoException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * The state of a group on one topic: the three files, and what is known about them in memory. Holds
 * no rule of its own but the order of Done: bit, then slot.
 *
 * <p>The lock of the group and topic is held for every call.
 */
final class TopicState {
  private static final int NOT_HELD = -1;

  final HeadFile head;
  final DoneBitmap done;
  final SlotFile slots;
  final LeaseList leases = new LeaseList();
  final RetryQueue waiting = new RetryQueue();
  final Counters counters = new Counters();
  final KeyOrder order;
  final IntArrayList foundRunning = new IntArrayList(); // at open, until it is judged


  private final StateFiles files;
  private final int topic;
  private final int writerEpoch;
  private final FreeSlots free;
  private final Long2LongHashMap held = new Long2LongHashMap(NOT_HELD); // offset to slot, at open
  private final LongHashSet taken = new LongHashSet(); // delayed messages that became due
  private DelayCursor delays; // null where nobody receives
  private long recoveredEnd; // from it on no message has a bit or a slot before dispatch gives one
  private long nextOffset; // where first attempts go on
  private int found; // in order: retries since the opening whose turn has not come yet
  private int unmet; // those of them that the dispatcher has not met
  private boolean suspectsFound;
  private int dying;
  private boolean closed;
  private long seekTo = HeadFile.Content.NO_SEEK; // until the state is that of the place
  private long droppedTo; // see HeadLayout
  private LongSupplier dead = () -> 0; // how many messages have become dead letters

  TopicState(
      StateFiles files,
      KeyOrder order,
      HeadFile head,
      DoneBitmap done,
      SlotFile slots,
      int topic,
      int epoch) {
    this.files = files;
    this.order = order;
    this.head = head;
    this.done = done;
    this.slots = slots;
    this.free = new FreeSlots(files, slots);
    this.topic = topic;
    this.writerEpoch = epoch;
    this.nextOffset = done.lowWaterMark();
  }

  /** Says that a slot holds nothing. */
  void addFree(int slot) {
    free.add(slot);
  }

  /** Says that a message was found in a slot, so that first attempts pass it by. */
  void addHeld(long offset, int slot) {
    held.put(offset, slot);
    recoveredEnd = Math.max(recoveredEnd, offset + 1);
  }

  /** Whether a message was found in a slot, or said to be, and is not done since. */
  boolean isHeld(long offset) {
    return held.containsKey(offset);
  }

  /** Ends the work of recovery: first attempts begin at the low-water mark. */
  void recovered(Counts stored) {
    recoveredEnd = Math.max(recoveredEnd, done.end());
    nextOffset = done.lowWaterMark();
    counters.restore(stored);
    dead = stored::dead;
  }

  /** Heads have this number of dead letters from now on. */
  void countDead(LongSupplier letters) {
    dead = letters;
  }

  /**
   * Says that a message in a slot waits to be handed out again. In order the dispatcher has to meet
   * it first: one that was done before it may have lost its bit to a power cut.
   */
  void addFound(int slot, long word, long due) {
    suspectsFound |= SlotWord.isSuspect(word);
    if (order.isOn()) {
      found++;
      unmet++;
    } else {
      waiting.add(slot, word, due, slots.offset(slot));
    }
  }

  /** Whether retries that were found at open have not been met yet. */
  boolean hasFound() {
    return unmet > 0;
  }

  boolean hasSuspects() {
    return suspectsFound;
  }

  /** Whether the next message is in a slot since the opening. */
  boolean isNextHeld() {
    return nextOffset < recoveredEnd && held.containsKey(nextOffset);
  }

  /** The dispatcher meets a message that is in a slot since the opening: it waits as it did. */
  void meetHeld(long offset, long key) {
    int slot = (int) held.get(offset);
    boolean isDying = SlotWord.state(slots.word(slot)) == SlotState.DYING;
    unmet -= isDying ? 0 : 1;
    if (isDying || order.meet(key, offset)) {
      if (!isDying) {
        foundTurn(slot, key);
      } else if (order.meetDying(key)) {
        order.holds(slot, key);
      }
    }
    passed(offset);
  }

  private void foundTurn(int slot, long key) {
    found--;
    order.holds(slot, key);
    waiting.add(slot, slots.word(slot), slots.deadline(slot), slots.offset(slot));
  }

  /** Gives the key of a message on to the next one that waits for it. */
  void giveTurn(long key) {
    long offset = key == KeyOrder.NO_KEY ? -1 : order.next(key);
    while (offset >= 0 && done.isDone(offset)) {
      offset = order.next(key); // it was dropped while it waited
    }
    if (offset >= 0) {
      int slot = (int) held.get(offset);
      if (slot == NOT_HELD) {
        order.addReady(offset, key);
      } else {
        foundTurn(slot, key);
      }
    }
  }

  /** Returns the message whose turn it is, or null; those that were dropped give theirs on. */
  KeyOrder.Turn firstReady(LeaseHolder holder) {
    KeyOrder.Turn turn = order.firstReady(holder);
    while (turn != null && done.isDone(turn.offset())) {
      order.takeReady(turn);
      giveTurn(turn.key());
      turn = order.firstReady(holder);
    }
    return turn;
  }

  /** The message of a lease waits for its due time, and in order for its handler to return. */
  void retryLater(Lease lease, long word, long due) {
    if (order.isOn() && lease.isHandled()) {
      order.awaitReturn(lease);
    } else {
      waiting.add(lease.slot(), word, due, lease.offset());
    }
  }

  /** The message of a lease that is over waits no more. */
  void retryNever(Lease lease) {
    if (!order.returned(lease)) {
      waiting.remove(lease.slot());
    }
  }

  /** Nothing of a handler's run is left. */
  void handlerReturned(Lease lease) {
    int slot = lease.slot();
    if (order.returned(lease)) {
      waiting.add(slot, slots.word(slot), slots.deadline(slot), lease.offset());
    }
    giveTurn(order.keptKey(lease));
  }

  /** Has the messages come back in time that are passed by because they are not due. */
  void follow(DelayCursor cursor) {
    delays = cursor;
  }

  /** A delayed message that has become due is in the group's hands until it is done. */
  void takeOver(long offset) {
    taken.add(offset);
  }

  /** Whether a message that was passed by has become due before, or is done. */
  boolean isTakenOver(long offset) {
    return taken.contains(offset) || held.containsKey(offset) || done.isDone(offset);
  }

  /** Whether the dispatcher has met a message, or passed it by. */
  boolean isPassed(long offset) {
    return offset < nextOffset;
  }

  /**
   * Returns the next message that was never handed out, done, (but in order) in a slot, or in a run
   * of delayed messages.
   */
  long nextOffset() {
    while (true) {
      if (nextOffset < recoveredEnd) { // else no bit or slot is there before dispatch gives one
        skipSettled();
      }
      if (delays == null || isNextHeld()) {
        return nextOffset;
      }
      long next = delays.skip(nextOffset);
      if (next == nextOffset) {
        return next;
      }
      nextOffset = order.isOn() ? firstHeld(nextOffset, next) : next;
    }
  }

  /** In an order the dispatcher has to meet what is in a slot, though a run may have it, too. */
  private long firstHeld(long from, long to) {
    long first = to;
    Long2LongHashMap.KeyIterator offsets = held.keySet().iterator();
    while (offsets.hasNext()) {
      long offset = offsets.nextValue();
      first = offset >= from && offset < first ? offset : first;
    }
    return first;
  }

  private void skipSettled() {
    nextOffset = done.nextNotDone(nextOffset);
    while (!order.isOn() && isNextHeld()) {
      nextOffset = done.nextNotDone(nextOffset + 1);
    }
  }

  void passed(long offset) {
    nextOffset = offset + 1;
  }

  /** Returns how many messages from the next one on have neither a bit nor a slot for certain. */
  int runLength(int most) {
    long offset = nextOffset;
    long chunkEnd = (DoneLayout.chunk(offset) + 1) << DoneLayout.OFFSETS_SHIFT;
    long end = Math.min(offset + most, chunkEnd);
    long next = offset + 1;
    while (next < end && (next >= recoveredEnd || !done.isDone(next) && !held.containsKey(next))) {
      next = next >= recoveredEnd ? end : next + 1;
    }
    return (int) (Math.min(next, end) - offset);
  }

  /** Makes the chunk of a message that is about to be handed out. */
  void ensureChunk(long offset) {
    if (!done.hasChunkOf(offset)) {
      long number = DoneLayout.chunk(offset);
      done.add(number, new DoneChunk(files.makeChunk(number)));
    }
  }

  /**
   * Makes slots free, and returns how many are: what was asked for, or fewer where the disk is
   * full.
   *
   * @throws DiskFullException when there is none
   */
  int makeFree(int wanted) {
    return free.make(wanted);
  }

  /** Takes a free slot; there must be one. */
  int takeFree() {
    return free.take();
  }

  /**
   * Ends the life of a message whose slot says Done, or whose dead letter is durable. A crash
   * between the bit and the slot leaves a slot whose bit is set, which open frees.
   */
  void finish(int slot, long offset) {
    setBit(offset);
    freeSlot(slot, offset);
  }

  void setBit(long offset) {
    done.set(offset);
    if (!taken.isEmpty()) {
      taken.remove(offset);
    }
  }

  /** All below an offset is done; returns how many messages were not. */
  long skipTo(long to) {
    long skipped = done.skipTo(to);
    if (!taken.isEmpty()) {
      taken.removeIfLong(offset -> offset < to);
    }
    return skipped;
  }

  /** Ends the life of a message that was never out, be it met or not. */
  void cancel(long offset) {
    ensureChunk(offset);
    counters.cancelled++;
    writeHead();
    setBit(offset);
    passTo(offset + 1); // dispatch has to look for its bit
  }

  /** Ends the life of messages that were cancelled while the group was not there. */
  void passCancelled(long end) {
    Cancelled.pass(this, delays, 0, end, true);
  }

  /** Ends the life of a message that was out in an earlier life, when the clock was ahead. */
  void cancelSlot(int slot, long offset) {
    counters.cancelled++;
    writeHead();
    finish(slot, offset);
  }

  /** Forces the bit of a message. */
  void forceBit(long offset) {
    files.force(() -> done.force(offset));
  }

  /** Forces a slot and its details; the one call that needs no lock, while the state is open. */
  void forceSlot(int slot) {
    files.force(() -> slots.force(slot));
  }

  /** Makes a message Available at once whose last failure does not count. */
  void takeBack(int slot, int mostFailures) {
    slots.deadline(slot, 0);
    long word = SlotWord.untold(slots.word(slot), mostFailures);
    slots.word(slot, word);
    addFound(slot, word, 0);
  }

  /** Frees a slot; its generation stays, so that an old lease never fits a new message. */
  void freeSlot(int slot, long offset) {
    slots.word(slot, SlotWord.free(slots.word(slot)));
    free.add(slot);
    if (!held.isEmpty()) {
      held.remove(offset);
    }
    giveTurn(order.release(slot));
  }

  /**
   * Says that messages which the topic has no more are done with, but those that a slot holds: they
   * are lost when their turn comes.
   *
   * @return how many of them the group was not done with
   */
  long lose(long from, long to) {
    long before = counters.lost;
    long missing = 0;
    for (long offset = from; offset < to; offset++) {
      if (!held.containsKey(offset)) {
        ensureChunk(offset); // fails before anything is counted
        missing += done.isDone(offset) ? 0 : 1;
      } else if (order.isOn()) {
        loseHeld(offset);
      }
    }
    if (missing > 0) {
      counters.lost += missing;
      writeHead();
    }
    for (long offset = from; offset < to; offset++) {
      if (!held.containsKey(offset)) {
        setBit(offset);
      }
    }
    nextOffset = Math.max(nextOffset, to);
    return counters.lost - before;
  }

  /** In order it cannot be met, and has no turn: dead letters say for themselves what is lost. */
  private void loseHeld(long offset) {
    int slot = (int) held.get(offset);
    if (SlotWord.state(slots.word(slot)) != SlotState.DYING) {
      found--;
      unmet--;
      loseSlot(slot, offset);
    }
  }

  /** Returns what was found in slots below an offset and not met since: only in order is such. */
  LongArrayList unmetBelow(long to) {
    LongArrayList offsets = new LongArrayList();
    if (order.isOn() && unmet > 0) {
      held.forEachLong(
          (offset, slot) -> {
            SlotState is = SlotWord.state(slots.word((int) slot));
            boolean waits = is == SlotState.DELAYED || is == SlotState.AVAILABLE;
            if (offset >= nextOffset && offset < to && waits) {
              offsets.addLong(offset);
            }
          });
    }
    return offsets;
  }

  /**
   * Frees the slot of a message that was not met, before it is dropped as one that never had a
   * slot: a death in between makes it Available. Where an earlier drop went beyond it, it would be
   * taken for done then, so it counts first.
   */
  void dropUnmet(long offset) {
    int slot = (int) held.get(offset);
    found--;
    unmet--;
    if (offset < droppedTo) {
      dropSlot(slot, offset);
    } else {
      freeSlot(slot, offset);
    }
  }

  /** Dispatch looks at the bits of messages below an offset. */
  void passTo(long to) {
    recoveredEnd = Math.max(recoveredEnd, to);
  }

  /** What is below an offset and neither done nor in a slot was dropped. */
  void droppedTo(long to) {
    droppedTo = Math.max(droppedTo, to);
  }

  /** Forces all slots. */
  void forceSlots() {
    files.force(slots::force);
  }

  /** Forces the head. */
  void forceHeadNow() {
    files.force(head::force);
  }

  /** Forces a part on the agent, before the files are closed if they are closed meanwhile. */
  CompletableFuture<Void> forceOnAgent(Runnable msync) {
    return files.forceOnAgent(msync);
  }

  /** The message of a slot is gone, because the topic does not keep it any longer. */
  void dropSlot(int slot, long offset) {
    counters.dropped++;
    writeHead();
    finish(slot, offset);
  }

  /** Says that the message of a slot is lost. */
  void loseSlot(int slot, long offset) {
    counters.lost++;
    writeHead();
    finish(slot, offset);
  }

  /** Gives chunks below the low-water mark to the agent, which deletes them. */
  void retireChunks() {
    for (long number = done.finishedChunk(); number >= 0; number = done.finishedChunk()) {
      DoneChunk chunk = done.remove(number);
      writeHead();
      files.retireChunk(number, chunk, head);
    }
  }

  /** Before what it counts is done: see G19 in docs/architecture.md. */
  void writeHead() {
    head.write(
        new HeadFile.Content(
            done.lowWaterMark(),
            nextOffset,
            done.lowWaterMark() + done.doneAbove(),
            counters.snapshot(dead.getAsLong()),
            seekTo,
            droppedTo,
            topic,
            writerEpoch));
  }

  /**
   * Has all below an offset be done and nothing above, as if the group began there; no lease is out
   * and nothing is on its way to the dead letters. The steps and what a crash means at each stand
   * in docs/architecture.md, "Seek". A failure poisons the store, and the next open goes on.
   */
  void seek(long to, long end) {
    counters.skipped += done.notDoneBelow(to);
    seekTo = to;
    writeHead();
    files.force(head::force);
    try {
      files.deleteChunksBut(done.numbers());
    } catch (StorageIoException e) {
      files.giveUp(e);
      throw e;
    }
    files.force(() -> done.restart(to));
    slots.freeAll();
    files.force(slots::force);
    forgetSlots();
    recoveredEnd = to;
    nextOffset = to;
    if (delays != null) {
      delays.reset(); // what it has passed by may come again
    }
    seekTo = HeadFile.Content.NO_SEEK;
    droppedTo = Math.min(droppedTo, to); // what is above may be handed out again
    writeHead();
    files.force(head::force);
    if (delays != null) {
      Cancelled.pass(this, delays, to, end, false); // now: no later head may have seekTo
    }
    retireChunks();
  }

  /** Returns how many messages that are done would come again if they were not. */
  long doneAndNotCancelled(long from, long end) {
    return done.count(from, end) - (delays == null ? 0 : delays.cancelled(from, end).size());
  }

  /** Makes the state of another group, which is done with the same, and has nothing in slots. */
  void copyTo(StateFiles other) {
    long mark = done.lowWaterMark();
    other.makeDirectory();
    done.copyTo(other);
    long all = mark + done.doneAbove();
    long none = HeadFile.Content.NO_SEEK;
    other.create(
        new HeadFile.Content(mark, mark, all, Counts.NONE, none, 0, topic, writerEpoch));
  }

  private void forgetSlots() {
    waiting.clear();
    taken.clear();
    held.clear();
    found = 0;
    unmet = 0;
    free.restart();
  }

  int dying() {
    return dying;
  }

  void dyingChanged(int by) {
    dying += by;
  }

  /** Messages that were out, are not done and may be handed out again. */
  int delayed() {
    return waiting.size() + found + order.returning();
  }

  /**
   * Messages that were out and are not done: what maxRetrying bounds. Those that wait behind one of
   * their key, which may be a first attempt, do not count: it would wait for them.
   */
  int retrying() {
    return delayed() - (found - unmet) + dying;
  }

  boolean isClosed() {
    return closed;
  }

  /** Unmaps all files, behind whatever the agent still has to do with them. */
  void close() {
    closed = true;
    files.runLast(
        () -> {
          head.close();
          done.close();
          slots.close();
        });
  }
}
