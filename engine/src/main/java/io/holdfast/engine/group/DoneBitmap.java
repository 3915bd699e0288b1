package io.holdfast.engine.group;

import io.holdfast.storage.file.MappedRegion;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Which messages of one topic a group is done with: the low-water mark, below which all are, and
 * one bit for each message above it.
 *
 * <p>A chunk that is not there stands for bits that are clear. The lock of the group and topic is
 * held for every call.
 */
final class DoneBitmap implements AutoCloseable {
  private final NavigableMap<Long, DoneChunk> chunks = new TreeMap<>();
  private final Long2ObjectHashMap<DoneChunk> byNumber = new Long2ObjectHashMap<>(); // the same
  private long firstNumber = Long.MAX_VALUE; // the lowest of them
  private long lowWaterMark;
  private long doneAbove; // bits that are set at or above the low-water mark
  private final AtomicLong doneCount = new AtomicLong(); // the lock's holder writes, anybody reads
  private long awaited = Long.MAX_VALUE; // the low-water mark at which somebody is told
  private Runnable reached = () -> {};
  private Runnable moved = () -> {};
  private Runnable counted; // null where nobody has to know of each message
  private long lastNumber = -1; // of the chunk that was used last, which is likely used next
  private DoneChunk last;

  DoneBitmap(long lowWaterMark) {
    this.lowWaterMark = lowWaterMark;
    this.doneCount.lazySet(lowWaterMark);
  }

  /**
   * Says who has to know of progress, under the lock: it must be short.
   *
   * @param told when the low-water mark {@linkplain #await has come} where it was awaited
   * @param each after each message that becomes done; null where nobody needs that
   * @param otherwise when messages that were done are not any more
   */
  void tell(Runnable told, Runnable each, Runnable otherwise) {
    reached = told;
    counted = each;
    moved = otherwise;
  }

  /** Awaits the low-water mark at an offset, once; returns whether it is not there yet. */
  boolean await(long offset) {
    awaited = lowWaterMark < offset ? offset : Long.MAX_VALUE;
    return lowWaterMark < offset;
  }

  /** Takes a chunk over. Bits of it below the low-water mark do not count. */
  void add(long number, DoneChunk chunk) {
    chunks.put(number, chunk);
    byNumber.put(number, chunk);
    firstNumber = chunks.firstKey();
    long first = number << DoneLayout.OFFSETS_SHIFT;
    int from = (int) Math.min(Math.max(lowWaterMark - first, 0), DoneLayout.OFFSETS);
    if (from < DoneLayout.OFFSETS) {
      doneAbove += chunk.countFrom(from);
    }
    advance();
    publish();
  }

  boolean hasChunkOf(long offset) {
    return chunk(offset) != null;
  }

  boolean isDone(long offset) {
    if (offset < lowWaterMark) {
      return true;
    }
    DoneChunk chunk = chunk(offset);
    return chunk != null && chunk.isSet(index(offset));
  }

  /** Sets the bit of a message whose chunk is there; returns whether it was clear. */
  boolean set(long offset) {
    if (offset < lowWaterMark || !chunk(offset).set(index(offset))) {
      return false;
    }
    doneAbove++;
    if (offset == lowWaterMark) {
      advance();
    }
    publish();
    return true;
  }

  /**
   * Says that all messages below an offset are done, without bits for them.
   *
   * @return how many were not
   */
  long skipTo(long offset) {
    if (offset <= lowWaterMark) {
      return 0;
    }
    long set = count(lowWaterMark, offset);
    long clear = offset - lowWaterMark - set;
    doneAbove -= set;
    lowWaterMark = offset;
    advance();
    publish();
    return clear;
  }

  /** Returns how many messages from offset 0 on are done; any thread, without the lock. */
  long doneCount() {
    return doneCount.get();
  }

  private void publish() {
    doneCount.lazySet(lowWaterMark + doneAbove);
    if (counted != null) {
      counted.run();
    }
  }

  /** Returns the first message at or above an offset that is not done. */
  long nextNotDone(long from) {
    long offset = Math.max(from, lowWaterMark);
    for (DoneChunk chunk = chunk(offset); chunk != null; chunk = chunk(offset)) {
      int clear = chunk.nextClear(index(offset));
      offset = (DoneLayout.chunk(offset) << DoneLayout.OFFSETS_SHIFT) + clear;
      if (clear < DoneLayout.OFFSETS) {
        break;
      }
    }
    return offset;
  }

  long lowWaterMark() {
    return lowWaterMark;
  }

  long doneAbove() {
    return doneAbove;
  }

  /** Returns how many messages are done from an offset on and below another one. */
  long count(long from, long to) {
    long at = Math.max(from, lowWaterMark);
    long count = Math.max(0, Math.min(at, to) - from);
    for (long number : chunks.keySet()) { // few, however far apart the offsets are
      long first = number << DoneLayout.OFFSETS_SHIFT;
      int low = (int) Math.max(0, Math.min(DoneLayout.OFFSETS, at - first));
      int high = (int) Math.max(0, Math.min(DoneLayout.OFFSETS, to - first));
      if (low < high) {
        DoneChunk chunk = chunks.get(number);
        count += chunk.countFrom(low) - chunk.countFrom(high);
      }
    }
    return count;
  }

  /** Returns how many messages below an offset are not done. */
  long notDoneBelow(long to) {
    return to <= lowWaterMark ? 0 : to - lowWaterMark - count(lowWaterMark, to);
  }

  /** Returns the numbers of the chunks that are there. */
  Set<Long> numbers() {
    return Collections.unmodifiableSet(chunks.keySet());
  }

  /** Returns the chunks that are there; on the store's agent they stay open. */
  List<DoneChunk> chunks() {
    return List.copyOf(chunks.values());
  }

  /** Makes the same chunks elsewhere; when this returns the device has them. */
  void copyTo(StateFiles other) {
    for (var entry : chunks.tailMap(DoneLayout.chunk(lowWaterMark)).entrySet()) {
      try (MappedRegion region = other.makeChunk(entry.getKey())) {
        entry.getValue().copyTo(region);
      }
    }
  }

  /** Has all below an offset be done and nothing above, and forces that, chunk by chunk. */
  void restart(long offset) {
    for (var entry : chunks.tailMap(DoneLayout.chunk(offset)).entrySet()) {
      entry.getValue().clearFrom(0); // it forces what it cleared
    }
    lowWaterMark = offset;
    doneAbove = 0;
    publish();
    moved.run();
  }

  /** Returns the offset behind the last message that is done. */
  long end() {
    for (var entry : chunks.descendingMap().entrySet()) {
      int end = entry.getValue().end();
      if (end > 0) {
        return Math.max(lowWaterMark, (entry.getKey() << DoneLayout.OFFSETS_SHIFT) + end);
      }
    }
    return lowWaterMark;
  }

  /** Forces the page that holds the bit of a message. */
  void force(long offset) {
    DoneChunk chunk = chunk(offset);
    if (chunk != null) {
      chunk.force(index(offset));
    }
  }

  /** Returns the number of the lowest chunk if it lies below the low-water mark, or -1. */
  long finishedChunk() {
    return firstNumber < DoneLayout.chunk(lowWaterMark) ? firstNumber : -1;
  }

  /** Gives a chunk away; the caller closes it. */
  DoneChunk remove(long number) {
    lastNumber = -1;
    last = null;
    byNumber.remove(number);
    DoneChunk removed = chunks.remove(number);
    firstNumber = chunks.isEmpty() ? Long.MAX_VALUE : chunks.firstKey();
    return removed;
  }

  @Override
  public void close() {
    chunks.values().forEach(DoneChunk::close);
    chunks.clear();
    byNumber.clear();
    firstNumber = Long.MAX_VALUE;
    lastNumber = -1;
    last = null;
  }

  private void advance() {
    long mark = nextNotDone(lowWaterMark);
    doneAbove -= mark - lowWaterMark;
    lowWaterMark = mark;
    if (mark >= awaited) {
      awaited = Long.MAX_VALUE;
      reached.run();
    }
  }

  private DoneChunk chunk(long offset) {
    long number = DoneLayout.chunk(offset);
    if (number != lastNumber) {
      last = byNumber.get(number);
      lastNumber = last == null ? -1 : number;
    }
    return lastNumber == number ? last : null;
  }

  private static int index(long offset) {
    return (int) offset & (DoneLayout.OFFSETS - 1);
  }
}
