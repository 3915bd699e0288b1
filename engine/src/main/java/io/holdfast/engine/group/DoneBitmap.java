package io.holdfast.engine.group;

import io.holdfast.storage.file.MappedRegion;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
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
  private long lastNumber = -1; // of the chunk that was used last, which is likely used next
  private DoneChunk last;

  DoneBitmap(long lowWaterMark) {
    this.lowWaterMark = lowWaterMark;
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
    return true;
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
    while (at < to) {
      long first = DoneLayout.chunk(at) << DoneLayout.OFFSETS_SHIFT;
      long end = Math.min(to, first + DoneLayout.OFFSETS);
      DoneChunk chunk = chunk(at);
      if (chunk != null) {
        count += chunk.countFrom(index(at)) - chunk.countFrom((int) (end - first));
      }
      at = end;
    }
    return count;
  }

  /** Returns the numbers of the chunks that are there. */
  Set<Long> numbers() {
    return Collections.unmodifiableSet(chunks.keySet());
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
