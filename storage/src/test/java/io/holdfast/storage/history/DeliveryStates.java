package io.holdfast.storage.history;

import java.util.Arrays;

/** The states of a group's messages from some offset on. Not thread-safe. */
final class DeliveryStates {
  private long[] states = new long[64];
  private int head; // where the state of the base stands
  private int count; // of those that were ever told of
  private long base;

  /** Everything below it is done. */
  long base() {
    return base;
  }

  /** One past the last offset of which anything was told. */
  long end() {
    return base + count;
  }

  long get(long offset) {
    boolean told = offset >= base && offset < end();
    return told ? states[head + (int) (offset - base)] : DeliveryState.NONE;
  }

  void set(long offset, long state) {
    long needed = offset + 1 - base;
    if (needed > states.length - head) {
      int room = (int) Math.max(states.length, 2 * needed);
      states = Arrays.copyOf(Arrays.copyOfRange(states, head, head + count), room);
      head = 0;
    }
    states[head + (int) (offset - base)] = state;
    count = (int) Math.max(count, needed);
  }

  /** Everything below an offset is done. */
  void raiseBase(long offset) {
    int steps = (int) Math.min(count, Math.max(0, offset - base));
    Arrays.fill(states, head, head + steps, DeliveryState.NONE);
    head += steps;
    count -= steps;
    base = Math.max(base, offset);
    if (count == 0) {
      head = 0;
    }
  }

  /** Nothing is told any more of what stands at an offset or behind it. */
  void cutAt(long offset) {
    int left = (int) Math.min(count, Math.max(0, offset - base));
    Arrays.fill(states, head + left, head + count, DeliveryState.NONE);
    count = left;
    base = Math.min(base, offset);
  }

  /** Each message that was handed out and is not done may have failed once more. */
  void raiseFailing() {
    for (int i = head; i < head + count; i++) {
      if (DeliveryState.attempts(states[i]) > 0 && !DeliveryState.isDone(states[i])) {
        states[i] = DeliveryState.withFailing(states[i]);
      }
    }
  }

  /** Lets the base fall, with the same state for everything up to where it was. */
  void lowerBase(long offset, long state) {
    if (offset >= base) {
      return;
    }
    int more = (int) (base - offset);
    long[] all = new long[more + count + 64];
    Arrays.fill(all, 0, more, state);
    System.arraycopy(states, head, all, more, count);
    states = all;
    head = 0;
    count += more;
    base = offset;
  }
}
