package io.holdfast.storage;

import io.holdfast.storage.error.DiskFullException;
import java.util.ArrayDeque;

/**
 * Segments that are prepared for the day on which the disk is full. Only what must not fail then
 * takes them: dead letters. They are real files of zeros, because room that is only
 * promised is gone when it is needed. Guarded by itself; held over the making of a segment.
 */
final class SegmentReserve {
  /** One that is in use by a topic that rolls, and one for the topic that rolls next. */
  private static final int COUNT = 2;

  private final SegmentAllocator allocator;
  private final ArrayDeque<SegmentAllocator.Prepared> ready = new ArrayDeque<>();
  private int capacity; // bytes of each that is to be made
  private boolean closed;

  SegmentReserve(SegmentAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Fills the reserve up.
   *
   * @param least bytes of a segment that holds the largest record of some topic
   */
  synchronized void ensure(int least) {
    capacity = Math.max(capacity, least);
    fill();
  }

  private void fill() {
    while (!closed && (ready.size() < COUNT || ready.peekFirst().capacity() < capacity)) {
      SegmentAllocator.Prepared one;
      try {
        one = allocator.prepare(capacity, true);
      } catch (DiskFullException e) {
        System.getLogger(SegmentReserve.class.getName())
            .log(System.Logger.Level.WARNING, "the reserve is not full: {0}", e.getMessage());
        return;
      }
      ready.addLast(one);
      if (ready.size() > COUNT) {
        ready.removeFirst().discard(); // too small by now
      }
    }
  }

  /**
   * Takes one; it is made again when there is room.
   *
   * @param least bytes that it must have
   * @return null when there is none
   */
  synchronized SegmentAllocator.Prepared take(int least) {
    for (SegmentAllocator.Prepared one : ready) {
      if (one.capacity() >= least) {
        ready.remove(one);
        return one;
      }
    }
    return null;
  }

  /** Makes again what was taken. */
  synchronized void refill() {
    if (capacity > 0) {
      fill();
    }
  }

  synchronized void close() {
    closed = true;
    ready.forEach(SegmentAllocator.Prepared::discard);
    ready.clear();
  }
}
