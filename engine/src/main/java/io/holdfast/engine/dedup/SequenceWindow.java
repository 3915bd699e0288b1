package io.holdfast.engine.dedup;

import java.util.Arrays;

/**
 * The last sequences of one producer, and where they stand: at most {@value #SIZE} of them, as runs
 * in which both sequence and offset go up by one. Below the lowest of them nothing is known but
 * that it is too old. Not thread-safe.
 */
final class SequenceWindow {
  /** Most sequences that are known. */
  static final int SIZE = 1_024;

  /** What {@link #find} gives for a sequence that was not taken. */
  static final long ABSENT = -1;

  /** What {@link #find} gives for a sequence of which it is not known whether it was taken. */
  static final long TOO_OLD = -2;

  /** The floor of a producer of which nothing is forgotten. */
  static final long NO_FLOOR = -1;

  private long[] sequences = new long[4]; // the first of each run, ascending
  private long[] offsets = new long[4]; // of that one
  private int[] counts = new int[4];
  private int first; // index of the lowest run
  private int runs;
  private int entries;
  private long floor; // this one and all below are forgotten

  SequenceWindow(long floor) {
    this.floor = floor;
  }

  /** Returns the offset of a sequence, ABSENT or TOO_OLD. */
  long find(long sequence) {
    int run = runOf(sequence);
    if (run >= first && sequence - sequences[run] < counts[run]) {
      return offsets[run] + (sequence - sequences[run]);
    }
    boolean isBelow = sequence <= floor || entries == SIZE && sequence < sequences[first];
    return isBelow ? TOO_OLD : ABSENT;
  }

  /** Adds a sequence that is absent. */
  void add(long sequence, long offset) {
    int run = runOf(sequence);
    if (run >= first
        && sequence - sequences[run] == counts[run]
        && offset - offsets[run] == counts[run]) {
      counts[run]++;
      entries++;
    } else {
      insert(run + 1, sequence, offset, 1);
    }
    if (entries > SIZE) {
      forgetLowest();
    }
  }

  /** Adds a run above all others. */
  void append(long sequence, long offset, int count) {
    insert(first + runs, sequence, offset, count);
  }

  /** Forgets the lowest runs, so that there are no more than so many. */
  void restrict(int most) {
    while (runs > most) {
      floor = sequences[first] + counts[first] - 1;
      entries -= counts[first];
      first++;
      runs--;
    }
  }

  /** The highest sequence that was taken, or the floor. */
  long last() {
    int last = first + runs - 1;
    return runs == 0 ? floor : sequences[last] + counts[last] - 1;
  }

  long floor() {
    return floor;
  }

  int runs() {
    return runs;
  }

  int entries() {
    return entries;
  }

  /** The first sequence of a run, from 0 for the lowest. */
  long sequence(int run) {
    return sequences[first + run];
  }

  long offset(int run) {
    return offsets[first + run];
  }

  int count(int run) {
    return counts[first + run];
  }

  /** The index of the last run that begins at a sequence or below; one below the first if none. */
  private int runOf(long sequence) {
    int low = first;
    int high = first + runs - 1;
    if (runs > 0 && sequences[high] <= sequence) {
      return high; // nearly always
    }
    while (low <= high) {
      int middle = low + high >>> 1;
      if (sequences[middle] <= sequence) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  private void insert(int at, long sequence, long offset, int count) {
    int index = at - first;
    if (first + runs == sequences.length) {
      makeRoom();
    }
    int to = first + index;
    int behind = runs - index;
    System.arraycopy(sequences, to, sequences, to + 1, behind);
    System.arraycopy(offsets, to, offsets, to + 1, behind);
    System.arraycopy(counts, to, counts, to + 1, behind);
    sequences[to] = sequence;
    offsets[to] = offset;
    counts[to] = count;
    runs++;
    entries += count;
  }

  /** Moves what is there to the front of arrays with room for as much again. */
  private void makeRoom() {
    int size = Math.max(4, 2 * runs);
    sequences = moved(sequences, size);
    offsets = moved(offsets, size);
    int[] moved = new int[size];
    System.arraycopy(counts, first, moved, 0, runs);
    counts = moved;
    first = 0;
  }

  private long[] moved(long[] from, int size) {
    return Arrays.copyOf(Arrays.copyOfRange(from, first, first + runs), size);
  }

  private void forgetLowest() {
    floor = Math.max(floor, sequences[first]);
    entries--;
    if (--counts[first] == 0) {
      first++;
      runs--;
    } else {
      sequences[first]++;
      offsets[first]++;
    }
  }
}
