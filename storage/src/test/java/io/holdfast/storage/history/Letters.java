package io.holdfast.storage.history;

import org.agrona.collections.LongHashSet;

/** What one reader saw of a group's dead letters. One thread at a time. */
public final class Letters {
  private final History history;
  private final Deliveries group;
  private final LongHashSet seen = new LongHashSet();

  Letters(History history, Deliveries group) {
    this.history = history;
    this.group = group;
  }

  /**
   * The reader saw a dead letter.
   *
   * @param offset of the message that failed
   * @param attempts that it says it had
   * @param stamp who sent it
   */
  public void letter(long offset, int attempts, Stamp stamp) {
    if (seen.add(offset)) {
      group.letter(offset, attempts, stamp);
    } else {
      history.add(Fault.LETTER_DOUBLED, "%s: another dead letter of offset %d", group, offset);
    }
  }

  /** The reader has seen all: none that anybody saw may be missing. */
  public void ends() {
    LongHashSet missing = group.lettersSeen();
    missing.removeAll(seen);
    for (long offset : missing) {
      String what = "%s: the dead letter of offset %d was seen once, and is gone";
      history.add(Fault.LETTER_LOST, what, group, offset);
    }
  }
}
