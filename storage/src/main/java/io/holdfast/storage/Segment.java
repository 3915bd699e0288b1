package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.file.MappedRegion;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One segment of a topic for its life in this process: where it stands, its one map, and who uses
 * that. Thread-safe.
 *
 * <p>Whoever touches the memory holds a pin: a reader while it stands in the segment, the writer
 * until what it wrote was forced, or is about to be. The map is made with the first pin and kept
 * after the last one, as long as there is room among the {@link IdleSegments}; so a reader that
 * follows the writer touches pages that are mapped and resident.
 *
 * <p>Invariant: the region is closed, or given away to be recycled, only when nobody holds a pin,
 * and a dropped segment gets no new ones.
 */
final class Segment {
  private final Path directory;
  private final Place place;
  private final int capacity;
  private final IdleSegments idle;
  private final ReentrantLock lock = new ReentrantLock(); // held for moments, and over mapping
  private MappedRegion region; // guarded by lock; read by those who hold a pin
  private SegmentIndex index; // guarded by lock; null until it is asked for
  private boolean writable; // guarded by lock: the region may be written to
  private int pins; // guarded by lock
  private volatile boolean dropped; // written under the lock
  private volatile long lastTime; // written once it is sealed, read anywhere; epoch milliseconds
  private boolean made; // guarded by lock: by this process, so that its file has no holes
  private int growsFrom; // guarded by lock: where its writer goes on; 0 once nothing is added
  private int inherited; // guarded by lock: bytes of an earlier process, not written again yet

  Segment newer; // guarded by the idle segments
  Segment older; // guarded by the idle segments
  boolean listed; // guarded by the idle segments

  /**
   * A segment that nobody has mapped yet.
   *
   * @param directory of the topic
   * @param place what it is and where it counts from
   * @param capacity bytes of its file
   * @param idle where it is kept while nobody uses it
   */
  Segment(Path directory, Place place, int capacity, IdleSegments idle) {
    this.directory = directory;
    this.place = place;
    this.capacity = capacity;
    this.idle = idle;
  }

  /**
   * What a segment is and where it counts from.
   *
   * @param number from 1
   * @param firstOffset of the segment
   * @param baseTime epoch milliseconds
   * @param salt of its header
   */
  record Place(long number, long firstOffset, long baseTime, long salt) {}

  /**
   * Says that records will be added, so that its map is made for writing and its index on the heap.
   *
   * @param position where the next record goes; 0 when no more are added
   */
  void growsFrom(int position) {
    lock.lock();
    try {
      growsFrom = position;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says what an earlier process put, of which nobody knows whether a force of it has failed: then
   * the page cache holds it, the device does not, and the next force says that all is well.
   *
   * @param bytes from the begin of the file; 0 when they need not be written again
   */
  void inherited(int bytes) {
    lock.lock();
    try {
      inherited = bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that must be written once more before a force of them says anything. */
  int inherited() {
    lock.lock();
    try {
      return inherited;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is added any more, and the index stands in its file: it leaves the heap. */
  void settled() {
    lock.lock();
    try {
      growsFrom = 0;
      if (index != null && index.isOnHeap()) { // else a reader has opened its file meanwhile
        index = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether its messages are not kept any more. */
  boolean isDropped() {
    return dropped;
  }

  /** Where its writer goes on; 0 once nothing is added. */
  int growsFrom() {
    lock.lock();
    try {
      return growsFrom;
    } finally {
      lock.unlock();
    }
  }

  /** Takes over the map of a new segment, with a pin for the writer. */
  void adopt(MappedRegion mapped, SegmentIndex itsIndex) {
    lock.lock();
    try {
      region = mapped;
      index = itsIndex;
      writable = true;
      made = true;
      pins = 1;
    } finally {
      lock.unlock();
    }
  }

  long number() {
    return place.number();
  }

  long firstOffset() {
    return place.firstOffset();
  }

  long baseTime() {
    return place.baseTime();
  }

  long salt() {
    return place.salt();
  }

  /** When its last message was appended, epoch milliseconds, once nothing is added any more. */
  long lastTime() {
    return lastTime;
  }

  void lastTime(long epochMillis) {
    lastTime = epochMillis;
  }

  int capacity() {
    return capacity;
  }

  Path file() {
    return SegmentFiles.log(directory, place.number());
  }

  Path indexFile() {
    return SegmentFiles.index(directory, place.number());
  }

  /**
   * Takes a pin; maps the file where it is not mapped.
   *
   * @return false when the segment was dropped
   */
  boolean pin() {
    boolean wasIdle;
    lock.lock();
    try {
      if (dropped) {
        return false;
      }
      if (region == null) {
        map();
      }
      wasIdle = pins == 0;
      pins++;
    } finally {
      lock.unlock();
    }
    if (wasIdle) {
      idle.remove(this);
    }
    return true;
  }

  private void map() {
    boolean grows = growsFrom > 0;
    MappedRegion mapped = grows ? MappedRegion.map(file()) : MappedRegion.mapReadOnly(file());
    try {
      if (grows) {
        index = SegmentIndex.of(mapped.buffer(), growsFrom);
      } // else it is opened when it is asked for, or still on the heap after putAway
      region = mapped;
      writable = grows;
    } catch (RuntimeException | Error e) {
      mapped.close();
      throw e;
    }
  }

  /**
   * Takes the writer's pin back and unmaps the segment, where nobody else uses it. Its index stays
   * on the heap until it {@linkplain #settled stands in its file}.
   *
   * @return the region without its memory, to be forced and closed; null when others use it, and
   *     the writer keeps its pin
   */
  MappedRegion putAway() {
    lock.lock();
    try {
      if (pins != 1) {
        return null;
      }
      MappedRegion given = region;
      given.unmapMemory();
      pins = 0;
      growsFrom = 0;
      region = null;
      return given;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a pin back. */
  void unpin() {
    boolean nowIdle = false;
    lock.lock();
    try {
      pins--;
      if (pins == 0 && dropped) {
        unmap();
      }
      nowIdle = pins == 0 && !dropped;
    } finally {
      lock.unlock();
    }
    if (nowIdle) {
      Segment longestIdle = idle.add(this);
      if (longestIdle != null) {
        longestIdle.unmapIfIdle();
      }
    }
  }

  private void unmapIfIdle() {
    lock.lock();
    try {
      if (pins == 0 && !dropped) {
        unmap();
      }
    } finally {
      lock.unlock();
    }
  }

  private void unmap() {
    if (region != null) {
      region.close();
      region = null;
      closeIndex();
    }
  }

  private void closeIndex() {
    if (index != null) {
      index.close();
      index = null;
    }
  }

  /**
   * Ends the segment: no new pins, and the map is closed with the last one.
   *
   * @param reuse whether the caller wants the map
   * @return the region where it was asked for, it is mapped for writing by the process that made
   *     the segment, and nobody holds a pin; else null. The caller then owns it
   */
  MappedRegion drop(boolean reuse) {
    MappedRegion given = null;
    lock.lock();
    try {
      dropped = true;
      if (pins == 0 && reuse && region != null && writable && made) {
        given = region;
        region = null;
        closeIndex();
      } else if (pins == 0) {
        unmap();
      }
    } finally {
      lock.unlock();
    }
    idle.remove(this);
    return given;
  }

  /**
   * The memory; the caller holds a pin.
   *
   * @return valid until the pin is given back
   */
  UnsafeBuffer buffer() {
    return region.buffer();
  }

  /** The region, to be forced; the caller holds a pin. */
  MappedRegion region() {
    return region;
  }

  /** The index; the caller holds a pin. */
  SegmentIndex index() {
    lock.lock();
    try {
      if (index == null) {
        boolean gone = dropped; // and the file with it
        index =
            gone
                ? SegmentIndex.none(capacity)
                : SegmentIndex.open(indexFile(), place.salt(), capacity);
      }
      return index;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return file().toString();
  }
}
