package io.holdfast.engine.delay;

import java.util.Arrays;

/**
 * The newest entries of a delay index, in memory only. One that is full is frozen, until its
 * entries stand in a run. The lock of the index is held for every call that changes it.
 */
final class DelayTail implements DelayEntries {
  private long[] dues = new long[16];
  private long[] offsets = new long[16];
  private int size;

  @Override
  public int size() {
    return size;
  }

  @Override
  public long due(int index) {
    return dues[index];
  }

  @Override
  public long offset(int index) {
    return offsets[index];
  }

  /** Adds an entry; returns false where it is there already. */
  boolean add(long due, long offset) {
    int at = behind(due, offset);
    if (at > 0 && dues[at - 1] == due && offsets[at - 1] == offset) {
      return false;
    }
    if (size == dues.length) {
      dues = Arrays.copyOf(dues, size * 2);
      offsets = Arrays.copyOf(offsets, size * 2);
    }
    System.arraycopy(dues, at, dues, at + 1, size - at);
    System.arraycopy(offsets, at, offsets, at + 1, size - at);
    dues[at] = due;
    offsets[at] = offset;
    size++;
    return true;
  }

  /** Forgets the entries up to a place. */
  void dropThrough(long due, long offset) {
    int dropped = behind(due, offset);
    size -= dropped;
    System.arraycopy(dues, dropped, dues, 0, size);
    System.arraycopy(offsets, dropped, offsets, 0, size);
  }
}
