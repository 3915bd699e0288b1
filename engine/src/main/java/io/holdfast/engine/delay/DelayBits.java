package io.holdfast.engine.delay;

import io.holdfast.storage.file.MappedRegion;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Bits about the messages of a topic, in mapped chunks that are there where they are needed. A
 * chunk that is not there stands for bits that are clear. The lock of the index is held for every
 * call but {@link #force}, and for those of the agent, which alone adds and removes chunks, to
 * chunks.
 */
final class DelayBits {
  private static final int PAGE = 4096;

  private final Long2ObjectHashMap<MappedRegion> chunks = new Long2ObjectHashMap<>();

  void add(long number, MappedRegion region) {
    chunks.put(number, region);
  }

  /** Gives a chunk away; the caller closes it. */
  MappedRegion remove(long number) {
    return chunks.remove(number);
  }

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  boolean hasChunk(long number) {
    return chunks.containsKey(number);
  }

  /** Returns the number of the lowest chunk, or the end of numbers. */
  long firstChunk() {
    return chunks.keySet().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
  }

  boolean isSet(long offset) {
    return (word(offset) & 1L << offset) != 0;
  }

  /** Returns the word that holds the bit of an offset. */
  long word(long offset) {
    MappedRegion chunk = chunks.get(DelayBitsLayout.chunk(offset));
    return chunk == null ? 0 : chunk.buffer().getLong(position(offset));
  }

  /** Sets a bit where its chunk is there. */
  void set(long offset) {
    MappedRegion chunk = chunks.get(DelayBitsLayout.chunk(offset));
    if (chunk != null) {
      int at = position(offset);
      chunk.buffer().putLong(at, chunk.buffer().getLong(at) | 1L << offset);
    }
  }

  void clear(long offset) {
    MappedRegion chunk = chunks.get(DelayBitsLayout.chunk(offset));
    if (chunk != null) {
      int at = position(offset);
      chunk.buffer().putLong(at, chunk.buffer().getLong(at) & ~(1L << offset));
    }
  }

  boolean isClear(long number) {
    MappedRegion chunk = chunks.get(number);
    for (int at = DelayBitsLayout.BITS; at < DelayBitsLayout.CAPACITY; at += Long.BYTES) {
      if (chunk.buffer().getLong(at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Clears the bits of a chunk from an offset on, and forces it. */
  void cut(long number, long from) {
    long first = number << DelayBitsLayout.OFFSETS_SHIFT;
    for (long offset = from; offset < first + DelayBitsLayout.OFFSETS; offset++) {
      if ((offset & 63) == 0) {
        chunks.get(number).buffer().putLong(position(offset), 0);
        offset += 63;
      } else {
        clear(offset);
      }
    }
    force(number);
  }

  /**
   * Forces a chunk. Each page is written first: where the process before met an error in its force,
   * the kernel takes the page for written.
   */
  void force(long number) {
    MappedRegion chunk = chunks.get(number);
    for (int page = 0; page < DelayBitsLayout.CAPACITY; page += PAGE) {
      chunk.buffer().getAndAddLong(page, 0);
    }
    chunk.force();
  }

  /** Forces the page of a bit. */
  void forceBit(long offset) {
    MappedRegion chunk = chunks.get(DelayBitsLayout.chunk(offset));
    int at = position(offset);
    chunk.buffer().getAndAddLong(at, 0);
    chunk.force(at & -PAGE, PAGE);
  }

  void close() {
    chunks.values().forEach(MappedRegion::close);
    chunks.clear();
  }

  private static int position(long offset) {
    int index = (int) offset & (DelayBitsLayout.OFFSETS - 1);
    return DelayBitsLayout.BITS + (index >>> 6) * Long.BYTES;
  }
}
