package io.holdfast.storage;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The segments of a store that are mapped and that nobody uses, so that maps and descriptors stay
 * bounded: where there are too many, the one that has been idle for longest is to be unmapped.
 * Thread-safe; allocates nothing, because readers come by whenever they change the segment.
 */
final class IdleSegments {
  private final int most;
  private final ReentrantLock lock = new ReentrantLock(); // held for moments
  private Segment newest; // guarded by lock
  private Segment oldest; // guarded by lock
  private int size; // guarded by lock

  /**
   * Makes an empty list.
   *
   * @param most segments that stay mapped although nobody uses them
   */
  IdleSegments(int most) {
    this.most = most;
  }

  /**
   * Adds a segment.
   *
   * @param segment nobody holds a pin
   * @return the one to unmap, or null
   */
  Segment add(Segment segment) {
    lock.lock();
    try {
      unlink(segment);
      segment.older = newest;
      if (newest != null) {
        newest.newer = segment;
      } else {
        oldest = segment;
      }
      newest = segment;
      segment.listed = true;
      size++;
      Segment evicted = size > most ? oldest : null;
      if (evicted != null) {
        unlink(evicted);
      }
      return evicted;
    } finally {
      lock.unlock();
    }
  }

  /** Takes out a segment, which may not be in it. */
  void remove(Segment segment) {
    lock.lock();
    try {
      unlink(segment);
    } finally {
      lock.unlock();
    }
  }

  private void unlink(Segment segment) {
    if (!segment.listed) {
      return;
    }
    if (segment.newer != null) {
      segment.newer.older = segment.older;
    } else {
      newest = segment.older;
    }
    if (segment.older != null) {
      segment.older.newer = segment.newer;
    } else {
      oldest = segment.newer;
    }
    segment.newer = null;
    segment.older = null;
    segment.listed = false;
    size--;
  }
}
