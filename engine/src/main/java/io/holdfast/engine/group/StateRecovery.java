package io.holdfast.engine.group;

import io.holdfast.storage.TopicLog;
import io.holdfast.storage.file.MappedRegion;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongHashSet;

/**
 * Brings the state of a group on one topic to what the table in docs/architecture.md says of an
 * open: after a death as after a close, and however often it is itself interrupted.
 */
final class StateRecovery {
  private final StateFiles files;
  private final TopicLog log;
  private final int writerEpoch;
  private final long end;
  private final List<Integer> dying = new ArrayList<>();

  StateRecovery(StateFiles files, TopicLog log, int writerEpoch) {
    this.files = files;
    this.log = log;
    this.writerEpoch = writerEpoch;
    this.end = log.endOffset();
  }

  /** Makes the state where there is none, sets aside what is another's, and opens it. */
  TopicState open() {
    if (files.exist() && !files.areOurs()) {
      files.setAside();
    }
    if (!files.exist()) {
      files.create(
          new HeadFile.Content(
              log.firstOffset(), log.firstOffset(), 0, 0, 0, log.number(), writerEpoch));
    }
    HeadFile head = new HeadFile(files.mapHead());
    DoneBitmap done = null;
    SlotFile slots = new SlotFile();
    try {
      HeadFile.Content content = head.read(files.head());
      done = openBits(content);
      MappedRegion region = files.mapSlots();
      slots.add(region, SlotLayout.FIRST_BLOCK);
      TopicState state = new TopicState(files, head, done, slots, log.number(), writerEpoch);
      boolean cut = openSlots(state);
      state.recovered(content.parked());
      state.writeHead(content.dead());
      if (content.lowWaterMark() > end) {
        // Before anything is appended: the old mark would hide the next messages at these offsets.
        files.force(head::force);
      }
      if (cut) {
        files.force(slots::force);
      }
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

  private DoneBitmap openBits(HeadFile.Content content) {
    long mark = Math.max(Math.min(content.lowWaterMark(), end), log.firstOffset());
    DoneBitmap done = new DoneBitmap(mark);
    for (long number : files.chunkNumbers().keySet()) {
      long first = number << DoneLayout.OFFSETS_SHIFT;
      if (number < DoneLayout.chunk(mark) || first >= end) {
        // Below the mark nobody needs it; at or above the end its bits are of messages that are
        // gone.
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

  /** Returns whether slots were freed because the topic ends before their messages. */
  private boolean openSlots(TopicState state) {
    LongHashSet seen = new LongHashSet();
    boolean cut = false;
    for (int slot = state.slots.size() - 1; slot >= 0; slot--) {
      long word = state.slots.word(slot);
      long offset = state.slots.offset(slot);
      SlotState found = SlotWord.state(word);
      if (found == SlotState.FREE) {
        state.addFree(slot);
        continue;
      }
      boolean gone = offset < 0 || offset >= end;
      cut |= gone;
      if (gone || state.done.isDone(offset) || !seen.add(offset)) {
        state.freeSlot(slot, offset);
      } else if (found == SlotState.DONE) {
        state.ensureChunk(offset);
        state.finish(slot, offset);
      } else {
        keep(state, slot, word, offset, found);
      }
    }
    return cut;
  }

  private void keep(TopicState state, int slot, long word, long offset, SlotState found) {
    state.ensureChunk(offset);
    state.addHeld(offset);
    switch (found) {
      case DYING -> dying.add(slot);
      case DELAYED, AVAILABLE -> state.waiting.add(slot, state.slots.deadline(slot), offset);
      default -> {
        // Running: whoever had it is dead. The attempt stays counted, a failure it is not.
        state.slots.deadline(slot, 0);
        state.slots.word(slot, SlotWord.withState(word, SlotState.AVAILABLE));
        state.waiting.add(slot, 0, offset);
      }
    }
  }
}
