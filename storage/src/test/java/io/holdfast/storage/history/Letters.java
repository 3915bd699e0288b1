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
   * @param place its offset in its own topic
   * @param offset of the message that failed
   * @param attempts that it says it had
   * @param stamp who sent it
   */
  public void letter(long place, long offset, int attempts, Stamp stamp) {
    if (seen.add(offset)) {
      group.letter(place, offset, attempts, stamp);
    } else {
      history.add(Fault.LETTER_DOUBLED, "%s: another dead letter of offset %d", group, offset);
    }
  }

  /**
   * The reader has seen all: none that anybody saw may be missing.
   *
   * @param first offset that is kept of the topic with the dead letters
   */
  public void ends(long first) {
    LongHashSet missing = group.lettersSeen(first);
    missing.removeAll(seen);
    for (long offset : missing) {
      String what = "%s: the dead letter of offset %d was seen once, and is gone";
      history.add(Fault.LETTER_LOST, what, group, offset);
    }
  }
}
