package io.holdfast.engine.group;

/**
 * The slots whose messages were out and may be handed out again, when they are due: those of
 * suspects apart, because of them one at a time is out in the whole store. One thread at a time.
 */
final class RetryQueue {
  private final DueHeap others = new DueHeap();
  private final DueHeap suspects = new DueHeap();

  int size() {
    return others.size() + suspects.size();
  }

  /** Returns the due time of the first slot, or the end of time. */
  long firstDue() {
    return Math.min(others.firstDue(), suspects.firstDue());
  }

  /**
   * Returns when the next slot is going to be due, or the end of time. What is due already may wait
   * for something else, and must not hide what comes.
   */
  long nextDue(long now) {
    long other = others.firstDue();
    long suspect = suspects.firstDue();
    return Math.min(
        other > now ? other : Long.MAX_VALUE, suspect > now ? suspect : Long.MAX_VALUE);
  }

  /** Whether the first one that is no suspect is due. */
  boolean isOtherDue(long now) {
    return others.firstDue() <= now;
  }

  boolean isSuspectDue(long now) {
    return suspects.firstDue() <= now;
  }

  /** Returns the first slot that holds no suspect; there must be one. */
  int firstOther() {
    return others.first();
  }

  int firstSuspect() {
    return suspects.first();
  }

  void add(int slot, long word, long due, long offset) {
    (SlotWord.isSuspect(word) ? suspects : others).add(slot, due, offset);
  }

  /** Takes all out. */
  void clear() {
    others.clear();
    suspects.clear();
  }

  /** Takes a slot out; it must be in. */
  void remove(int slot) {
    (suspects.contains(slot) ? suspects : others).remove(slot);
  }
}
