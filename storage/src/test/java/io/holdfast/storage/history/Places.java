package io.holdfast.storage.history;

import java.util.Arrays;

/**
 * The offsets of one writer's messages, as runs of neighbours. A run costs 16 bytes, however long
 * it is. Not thread-safe.
 */
final class Places {
  /** The message has no offset yet. */
  static final long NONE = -1;
  /** The message had one that was dropped. */
  static final long FORGOTTEN = -2;

  private static final int FEW = 4;

  private long[] sequences = new long[FEW]; // of the first message of each run
  private long[] offsets = new long[FEW]; // of the same
  private int head; // the first run that counts
  private int tail; // behind the last one
  private long first; // sequences below are forgotten
  private long next; // sequences from here on have no place

  /** The sequence of the next message to get a place. */
  long next() {
    return next;
  }

  /** So many messages more have their places, side by side. */
  void add(long count, long offset) {
    boolean continues =
        head < tail && offset == offsets[tail - 1] + next - sequences[tail - 1];
    if (!continues) {
      makeRoom();
      sequences[tail] = next;
      offsets[tail] = offset;
      tail++;
    }
    next += count;
  }

  private void makeRoom() {
    if (tail < sequences.length) {
      return;
    }
    int size = tail - head;
    int room = size > sequences.length / 2 ? 2 * sequences.length : sequences.length;
    sequences = Arrays.copyOf(Arrays.copyOfRange(sequences, head, tail), room);
    offsets = Arrays.copyOf(Arrays.copyOfRange(offsets, head, tail), room);
    head = 0;
    tail = size;
  }

  /** The offset of a message, or NONE, or FORGOTTEN. */
  long placeOf(long sequence) {
    if (sequence >= next) {
      return NONE;
    }
    if (sequence < first) {
      return FORGOTTEN;
    }
    int run = lastAtMost(sequences, sequence);
    return offsets[run] + sequence - sequences[run];
  }

  /** The sequence of the first message at an offset or behind it; {@link #next} where none is. */
  long firstFrom(long offset) {
    int run = lastAtMost(offsets, offset);
    if (run < head) {
      return first;
    }
    return Math.min(sequences[run] + offset - offsets[run], endOf(run));
  }

  private long endOf(int run) {
    return run + 1 < tail ? sequences[run + 1] : next;
  }

  /** The last run that begins at most there; below the head where none does. */
  private int lastAtMost(long[] begins, long value) {
    int low = head - 1;
    int high = tail - 1;
    while (low < high) {
      int middle = low + high + 1 >> 1;
      if (begins[middle] <= value) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Nobody will ask for what lies below an offset any more. */
  void forgetBelow(long offset) {
    first = Math.max(first, firstFrom(offset));
    while (head < tail && endOf(head) <= first) {
      head++;
    }
    if (head < tail && sequences[head] < first) {
      offsets[head] += first - sequences[head];
      sequences[head] = first;
    }
    if (head == tail && sequences.length > FEW) {
      sequences = new long[FEW];
      offsets = new long[FEW];
      head = 0;
      tail = 0;
    }
  }

  /** Nobody will ask for anything before a message that has no place yet. */
  void skipTo(long sequence) {
    head = 0;
    tail = 0;
    first = sequence;
    next = sequence;
  }

  /** What lies at an offset or behind it lost its place. */
  void cutAt(long offset) {
    next = Math.max(first, firstFrom(offset));
    while (head < tail && sequences[tail - 1] >= next) {
      tail--;
    }
  }
}
