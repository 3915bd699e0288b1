package io.holdfast.engine.group;

import java.util.Arrays;

/**
 * The slots that wait to be handed out again, the earliest due first; of two that are due at the
 * same time the lower offset. A binary heap that knows where each slot stands, so that a slot can
 * leave from the middle. One thread at a time.
 */
final class DueHeap {
  private static final int ABSENT = -1;

  private int[] heap = new int[16];
  private int size;
  private int[] places = new int[0]; // by slot: where it stands in the heap
  private long[] dues = new long[0]; // by slot
  private long[] offsets = new long[0]; // by slot

  int size() {
    return size;
  }

  boolean contains(int slot) {
    return slot < places.length && places[slot] != ABSENT;
  }

  /** Returns the due time of the first slot, or the end of time. */
  long firstDue() {
    return size == 0 ? Long.MAX_VALUE : dues[heap[0]];
  }

  /** Returns the first slot; there must be one. */
  int first() {
    return heap[0];
  }

  void add(int slot, long due, long offset) {
    if (slot >= places.length) {
      int old = places.length;
      int capacity = Math.max(slot + 1, old * 2);
      places = Arrays.copyOf(places, capacity);
      Arrays.fill(places, old, capacity, ABSENT);
      dues = Arrays.copyOf(dues, capacity);
      offsets = Arrays.copyOf(offsets, capacity);
    }
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    dues[slot] = due;
    offsets[slot] = offset;
    heap[size] = slot;
    places[slot] = size;
    up(size++);
  }

  /** Takes all out. */
  void clear() {
    size = 0;
    Arrays.fill(places, ABSENT);
  }

  /** Takes a slot out; it must be in. */
  void remove(int slot) {
    int place = places[slot];
    places[slot] = ABSENT;
    int moved = heap[--size];
    if (place != size) {
      heap[place] = moved;
      places[moved] = place;
      up(place);
      down(places[moved]);
    }
  }

  private void up(int place) {
    int at = place;
    while (at > 0 && before(heap[at], heap[(at - 1) / 2])) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }

  private void down(int place) {
    int at = place;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], heap[at])) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private boolean before(int a, int b) {
    return dues[a] != dues[b] ? dues[a] < dues[b] : offsets[a] < offsets[b];
  }

  private void swap(int a, int b) {
    int slot = heap[a];
    heap[a] = heap[b];
    heap[b] = slot;
    places[heap[a]] = a;
    places[heap[b]] = b;
  }
}
