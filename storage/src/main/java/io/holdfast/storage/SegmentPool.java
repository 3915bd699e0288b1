package io.holdfast.storage;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Segments of earlier lives that wait for the next one, mapped and resident: first touch of pages
 * is what a disk queue spends its time on, and these need none. Bounded; small segments are not
 * taken, because what their files cost is the renames and forces, not the pages. Thread-safe.
 */
final class SegmentPool {
  private final int leastCapacity;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock(); // held over the deletion of files
  private final ArrayDeque<SegmentAllocator.Prepared> ready = new ArrayDeque<>(); // lock
  private long bytes; // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * Makes an empty pool.
   *
   * @param leastCapacity bytes of the smallest segment that is taken
   * @param mostBytes that all of them may have together
   */
  SegmentPool(int leastCapacity, long mostBytes) {
    this.leastCapacity = leastCapacity;
    this.mostBytes = mostBytes;
  }

  /**
   * Whether a segment is worth keeping: there is room for it, or there are some of other sizes,
   * which the topics that grew out of them left behind.
   */
  boolean wants(int capacity) {
    lock.lock();
    try {
      return !closed
          && capacity >= leastCapacity
          && capacity <= mostBytes
          && (bytes + capacity <= mostBytes || hasOther(capacity));
    } finally {
      lock.unlock();
    }
  }

  private boolean hasOther(int capacity) {
    return ready.stream().anyMatch(segment -> segment.capacity() != capacity);
  }

  /** Adds a segment; those that have waited longest go where there is no room. */
  void add(SegmentAllocator.Prepared segment) {
    lock.lock();
    try {
      ready.addLast(segment);
      bytes += segment.capacity();
      while (bytes > mostBytes) {
        SegmentAllocator.Prepared oldest = ready.removeFirst();
        bytes -= oldest.capacity();
        oldest.discard();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the one that was used last, for its pages are the likeliest to be in the caches.
   *
   * @param least bytes that it must have
   * @param most bytes that it may have
   * @return null when there is none
   */
  SegmentAllocator.Prepared take(int least, int most) {
    lock.lock();
    try {
      Iterator<SegmentAllocator.Prepared> newestFirst = ready.descendingIterator();
      while (newestFirst.hasNext()) {
        SegmentAllocator.Prepared segment = newestFirst.next();
        if (segment.capacity() >= least && segment.capacity() <= most) {
          newestFirst.remove();
          bytes -= segment.capacity();
          return segment;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      ready.forEach(SegmentAllocator.Prepared::discard);
      ready.clear();
    } finally {
      lock.unlock();
    }
  }
}
