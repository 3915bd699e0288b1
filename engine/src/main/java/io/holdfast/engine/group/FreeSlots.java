package io.holdfast.engine.group;

import io.holdfast.storage.error.DiskFullException;
import org.agrona.collections.IntArrayList;

/** The slots of a group on one topic that hold nothing. Its lock is held for every call. */
final class FreeSlots {
  private static final int MAX_GROWTH = 64; // blocks at once: 8,192 slots, 2.3 MiB

  private final StateFiles files;
  private final SlotFile slots;
  private final IntArrayList free = new IntArrayList(); // a stack

  FreeSlots(StateFiles files, SlotFile slots) {
    this.files = files;
    this.slots = slots;
  }

  void add(int slot) {
    free.addInt(slot);
  }

  /** Takes one; there must be one. */
  int take() {
    return free.removeAt(free.size() - 1);
  }

  /**
   * Makes more of them, and returns how many there are: what was asked for, or fewer where the disk
   * is full.
   *
   * @throws DiskFullException when there is none
   */
  int make(int wanted) {
    while (free.size() < wanted) {
      int blocks = slots.size() >>> SlotLayout.BLOCK_SHIFT;
      int first = slots.size();
      try {
        slots.add(files.growSlots(blocks, blocks + Math.min(blocks, MAX_GROWTH)), 0);
      } catch (DiskFullException e) {
        if (free.isEmpty()) {
          throw e;
        }
        return free.size();
      }
      addFrom(first);
    }
    return wanted;
  }

  /** All of them are. */
  void restart() {
    free.clear();
    addFrom(0);
  }

  private void addFrom(int first) {
    for (int slot = slots.size() - 1; slot >= first; slot--) {
      free.addInt(slot);
    }
  }
}
