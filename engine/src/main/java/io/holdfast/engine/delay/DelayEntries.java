package io.holdfast.engine.delay;

/** Entries of a delay index, each a time and an offset, in that order and without a double. */
interface DelayEntries {
  int size();

  /** Returns the time of an entry, epoch milliseconds. */
  long due(int index);

  long offset(int index);

  /** Returns how many entries are not behind a place. */
  default int behind(long due, long offset) {
    int low = 0;
    int high = size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isBehind(due(middle), offset(middle), due, offset)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Whether the first of two places stands behind the second one. */
  static boolean isBehind(long due, long offset, long otherDue, long otherOffset) {
    return due != otherDue ? due > otherDue : offset > otherOffset;
  }
}
