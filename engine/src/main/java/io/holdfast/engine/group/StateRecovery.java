package io.holdfast.engine.group;

import io.holdfast.storage.TopicLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.agrona.collections.LongHashSet;

/**
 * Brings the state of a group on one topic to what the table in docs/architecture.md says of an
 * open: after a death as after a close, and however often it is itself interrupted.
 */
final class StateRecovery {
  private final StateFiles files;
  private final TopicLog log;
  private final KeyOrder order;
  private final GroupContext context;
  private final int writerEpoch;
  private final long cut; // where the topic ended when this state was refused
  private final long end; // of what the state may speak of
  private final ToLongFunction<TopicLog> start; // where it begins if it is made
  private final boolean forces; // dead letters are forced before the slot goes
  private final List<Integer> dying = new ArrayList<>();
  private final List<Integer> gone = new ArrayList<>(); // slots of messages that were dropped
  private long dropped; // messages that the topic does not have and nobody had counted
  private long droppedFrom; // the first of them, or before it

  StateRecovery(
      StateFiles files,
      KeyOrder order,
      TopicLog log,
      ToLongFunction<TopicLog> start,
      GroupContext context) {
    this.context = context;
    this.start = start;
    this.files = files;
    this.order = order;
    this.log = log;
    this.writerEpoch = context.store().writerEpoch();
    this.cut = files.cut();
    this.end = Math.min(log.endOffset(), cut);
    this.forces = log.settings().durability().forcesBeforeConfirming();
  }

  /** Makes the state where there is none, sets aside what is another's, and opens it. */
  TopicState open() {
    if (files.exist() && !files.areOurs()) {
      files.setAside();
    }
    if (!files.exist()) {
      long none = HeadFile.Content.NO_SEEK;
      files.create(
          new HeadFile.Content(0, 0, 0, Counts.NONE, none, 0, log.number(), writerEpoch)
              .at(Place.within(log, start.applyAsLong(log))));
    }
    files.forceNames();
    files.renewHead();
    HeadFile head = new HeadFile(files.mapHead());
    DoneBitmap done = null;
    SlotFile slots = new SlotFile();
    try {
      // What lies above the end goes first and is forced: where a later step fails, the topic is
      // appended to all the same, and the next opening would take it for state of new messages.
      HeadFile.Content content = cutMark(head, head.read(files.head()));
      slots.add(files.mapSlots(), SlotLayout.FIRST_BLOCK);
      content = finishSeek(head, slots, content);
      done = openBits(head, content);
      cutSlots(slots);
      if (cut < Long.MAX_VALUE) {
        files.forgetCut(); // what is above belongs to new messages from now on
      }
      TopicState state =
          new TopicState(files, order, head, done, slots, log.number(), writerEpoch);
      takeCommitted(state);
      openSlots(state);
      state.recovered(content.counts());
      openDropped(state, content);
      tellDropped();
      return state;
    } catch (RuntimeException | Error e) {
      head.close();
      if (done != null) {
        done.close();
      }
      slots.close();
      throw e;
    }
  }

  /** Returns the slots that were found in Dying. */
  List<Integer> dying() {
    return dying;
  }

  /** Takes marks beyond the end back: they would hide the next messages there. */
  private HeadFile.Content cutMark(HeadFile head, HeadFile.Content content) {
    if (content.lowWaterMark() <= end && content.droppedTo() <= end) {
      return content;
    }
    HeadFile.Content cut =
        content.lowWaterMark() <= end ? content.droppedBelow(end) : content.at(end);
    head.write(cut);
    files.force(head::force);
    return cut;
  }

  /** Ends a seek that was begun: see {@link TopicState#seek}. */
  private HeadFile.Content finishSeek(HeadFile head, SlotFile slots, HeadFile.Content content) {
    if (content.seekTo() < 0) {
      return content;
    }
    long to = Math.max(Math.min(content.seekTo(), end), log.firstOffset());
    files.force(head::force); // a killed process may have left it in the page cache
    files.deleteChunksBut(Set.of());
    slots.freeAll();
    files.force(slots::force);
    HeadFile.Content ended = content.at(to).seekingTo(HeadFile.Content.NO_SEEK);
    head.write(ended);
    files.force(head::force);
    return ended;
  }

  private DoneBitmap openBits(HeadFile head, HeadFile.Content content) {
    long mark = Math.min(content.lowWaterMark(), end);
    DoneBitmap done = new DoneBitmap(mark);
    for (long number : files.chunkNumbers().keySet()) {
      long first = number << DoneLayout.OFFSETS_SHIFT;
      if (number < DoneLayout.chunk(mark) || first >= end) {
        // Below the mark nobody needs it, once the device has the mark: a killed process may have
        // left it in the page cache. At or above the end its bits are of messages that are gone.
        files.force(head::force);
        files.deleteChunk(number);
        continue;
      }
      DoneChunk chunk = new DoneChunk(files.mapChunk(number));
      if (end - first < DoneLayout.OFFSETS) {
        files.force(() -> chunk.clearFrom((int) (end - first)));
      }
      done.add(number, chunk);
    }
    return done;
  }

  /** Frees the slots of messages that the topic no longer has. */
  private void cutSlots(SlotFile slots) {
    boolean cut = false;
    for (int slot = 0; slot < slots.size(); slot++) {
      long word = slots.word(slot);
      long offset = slots.offset(slot);
      if (SlotWord.state(word) != SlotState.FREE && (offset < 0 || offset >= end)) {
        slots.word(slot, SlotWord.free(word));
        cut = true;
      }
    }
    if (cut) {
      files.force(slots::force);
    }
  }

  /**
   * What transactions have acked is done, whatever a power cut has left of bits and slots. An
   * offset that the topic does not have is of a message that is gone.
   */
  private void takeCommitted(TopicState state) {
    LongHashSet pages = new LongHashSet();
    List<Long> ofPages = new ArrayList<>();
    boolean isBelow = false;
    for (long offset : context.committed().of(context.group(), log.number())) {
      if (offset >= end) {
        context.committed().isCut();
      } else if (offset < state.done.lowWaterMark()) {
        isBelow = true;
      } else {
        state.ensureChunk(offset);
        state.done.set(offset);
        if (pages.add(offset / DoneLayout.OFFSETS_IN_PAGE)) {
          ofPages.add(offset);
        }
      }
    }
    ofPages.forEach(state::forceBit); // also those that were set: perhaps in the page cache only
    if (isBelow) {
      files.force(state.head::force); // the same of the mark
    }
    context.committed().taken(context.group(), log.number());
  }

  private void openSlots(TopicState state) {
    LongHashSet seen = new LongHashSet();
    for (int slot = state.slots.size() - 1; slot >= 0; slot--) {
      long word = state.slots.word(slot);
      long offset = state.slots.offset(slot);
      SlotState found = SlotWord.state(word);
      if (found == SlotState.FREE) {
        if (word != SlotWord.free(word)) { // damage, whose counts are not the next message's
          state.slots.word(slot, SlotWord.free(word));
        }
        state.addFree(slot);
        continue;
      }
      if (!seen.add(offset)) { // damage, which must not cost the other slot its message
        state.slots.word(slot, SlotWord.free(word));
        state.addFree(slot);
      } else if (state.done.isDone(offset)) {
        if (found == SlotState.DYING && forces) {
          state.forceBit(offset); // a killed process may have left it in the page cache
        }
        state.freeSlot(slot, offset);
      } else if (found == SlotState.DONE) {
        state.ensureChunk(offset);
        state.finish(slot, offset);
      } else if (offset < log.firstOffset()) {
        gone.add(slot);
      } else {
        keep(state, slot, word, offset, found);
      }
    }
  }

  /**
   * What was dropped before it was done counts once. Up to {@code droppedTo} it was counted, and
   * only bits may be missing, but for what was in a slot and left alone; what the topic lacks above
   * that went without the group being asked.
   *
   * <p>Invariant: the head with the count and a mark behind all of these comes before their slots
   * are freed, so that a crash in between counts none twice and forgets none.
   */
  private void openDropped(TopicState state, HeadFile.Content content) {
    long to = Math.min(content.droppedTo(), end); // what is above belongs to new messages
    state.droppedTo(to);
    LongHashSet inSlots = Dropping.slotsBelow(state, to);
    if (inSlots.isEmpty()) {
      state.done.skipTo(to);
    } else {
      if (forces) {
        state.forceHeadNow(); // a killed process may have left it in the page cache
      }
      Dropping.setBits(state, to, inSlots);
    }
    droppedFrom = state.done.lowWaterMark();
    dropped = state.done.skipTo(Math.min(log.firstOffset(), end));
    state.counters.dropped += dropped;
    state.passTo(state.done.lowWaterMark());
    state.writeHead();
    for (int slot : gone) {
      state.freeSlot(slot, state.slots.offset(slot));
    }
  }

  /** Tells of messages that the topic does not have and that nobody had counted. */
  private void tellDropped() {
    if (dropped > 0) {
      Losses.dropped(context, log, droppedFrom, log.firstOffset(), dropped);
    }
  }

  private void keep(TopicState state, int slot, long word, long offset, SlotState found) {
    state.ensureChunk(offset);
    state.addHeld(offset, slot);
    switch (found) {
      case DYING -> dying.add(slot);
      case RUNNING -> state.foundRunning.addInt(slot); // judged when all groups are open
      case DELAYED, AVAILABLE -> state.addFound(slot, word, state.slots.deadline(slot));
      default -> {
        long available = SlotWord.withState(word, SlotState.AVAILABLE);
        state.slots.deadline(slot, 0);
        state.slots.word(slot, available);
        state.addFound(slot, available, 0);
      }
    }
  }
}
