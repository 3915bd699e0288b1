package io.holdfast.engine.delay;

import java.util.List;

/** Goes through the entries of several runs in order, each entry once. One thread at a time. */
final class DelayMerge {
  private final List<? extends DelayEntries> sources;
  private final int[] at;
  private long due;
  private long offset;

  /** Begins at the first entry of all. */
  DelayMerge(List<? extends DelayEntries> sources) {
    this.sources = sources;
    this.at = new int[sources.size()];
  }

  /** Goes on to the next entry; returns false where there is none. */
  boolean next() {
    int first = -1;
    for (int i = 0; i < at.length; i++) {
      if (at[i] < sources.get(i).size() && (first < 0 || isBefore(i, first))) {
        first = i;
      }
    }
    if (first < 0) {
      return false;
    }
    due = sources.get(first).due(at[first]);
    offset = sources.get(first).offset(at[first]);
    for (int i = 0; i < at.length; i++) {
      DelayEntries source = sources.get(i);
      if (at[i] < source.size() && source.due(at[i]) == due && source.offset(at[i]) == offset) {
        if (source instanceof DelayRun run) {
          run.checkFirst(at[i]);
        }
        at[i]++;
      }
    }
    return true;
  }

  long due() {
    return due;
  }

  long offset() {
    return offset;
  }

  private boolean isBefore(int one, int other) {
    return DelayEntries.isBehind(
        sources.get(other).due(at[other]),
        sources.get(other).offset(at[other]),
        sources.get(one).due(at[one]),
        sources.get(one).offset(at[one]));
  }
}
