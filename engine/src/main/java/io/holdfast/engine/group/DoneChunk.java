package io.holdfast.engine.group;

import io.holdfast.storage.file.MappedRegion;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One mapped chunk of the done bitmap and, in memory only, a summary of it: which of its words are
 * full. See {@link DoneLayout}. The lock of the group and topic is held for every call.
 */
final class DoneChunk implements AutoCloseable {
  private static final long FULL = -1L;

  private final MappedRegion region;
  private final UnsafeBuffer buffer;
  private final long[] fullWords = new long[DoneLayout.WORDS / Long.SIZE];

  /** Takes the region over and counts anew what it holds. */
  DoneChunk(MappedRegion region) {
    this.region = region;
    this.buffer = region.buffer();
    for (int word = 0; word < DoneLayout.WORDS; word++) {
      summarize(word, word(word));
    }
  }

  boolean isSet(int index) {
    return (word(index >>> 6) & 1L << index) != 0;
  }

  /** Sets a bit with one atomic OR; returns whether it was clear. */
  boolean set(int index) {
    int word = index >>> 6;
    int position = position(word);
    long before;
    do {
      before = buffer.getLongVolatile(position);
      if ((before & 1L << index) != 0) {
        return false;
      }
    } while (!buffer.compareAndSetLong(position, before, before | 1L << index));
    if ((before | 1L << index) == FULL) { // else it was not full before, either
      summarize(word, FULL);
    }
    return true;
  }

  /** Returns the first clear bit at or behind an index, or the number of bits. */
  int nextClear(int index) {
    int word = index >>> 6;
    if (word >= DoneLayout.WORDS) {
      return DoneLayout.OFFSETS;
    }
    long clear = ~word(word) & FULL << index;
    if (clear != 0) {
      return (word << 6) + Long.numberOfTrailingZeros(clear);
    }
    word = nextWordNotFull(word + 1);
    return word == DoneLayout.WORDS
        ? DoneLayout.OFFSETS
        : (word << 6) + Long.numberOfTrailingZeros(~word(word));
  }

  /** Writes all bits into another chunk and forces them. */
  void copyTo(MappedRegion other) {
    other.buffer().putBytes(DoneLayout.BITS, buffer, DoneLayout.BITS, DoneLayout.WORDS * 8);
    other.force();
  }

  /** Returns how many bits at or behind an index are set. */
  int countFrom(int index) {
    int word = index >>> 6;
    if (word >= DoneLayout.WORDS) {
      return 0;
    }
    int count = Long.bitCount(word(word) & FULL << index);
    while (++word < DoneLayout.WORDS) {
      count += Long.bitCount(word(word));
    }
    return count;
  }

  /** Returns the index behind the last bit that is set, or 0. */
  int end() {
    for (int word = DoneLayout.WORDS - 1; word >= 0; word--) {
      if (word(word) != 0) {
        return (word << 6) + Long.SIZE - Long.numberOfLeadingZeros(word(word));
      }
    }
    return 0;
  }

  /** Clears the bits at and behind an index, and forces them if any was set. */
  boolean clearFrom(int index) {
    boolean any = false;
    for (int word = index >>> 6; word < DoneLayout.WORDS; word++) {
      long kept = word == index >>> 6 ? word(word) & ~(FULL << index) : 0;
      if (kept != word(word)) {
        buffer.putLong(position(word), kept);
        summarize(word, kept);
        any = true;
      }
    }
    if (any) {
      region.force();
    }
    return any;
  }

  /** Forces all bits; needs no lock while the chunk is open. */
  void force() {
    region.force();
  }

  /**
   * Forces the page that holds a bit. It is written first: where the process before met an error in
   * its force, the kernel takes the page for written.
   */
  void force(int index) {
    int word = position(index >>> 6);
    buffer.getAndAddLong(word, 0);
    int page = word & -4096;
    region.force(page, 4096);
  }

  @Override
  public void close() {
    region.close();
  }

  private int nextWordNotFull(int from) {
    for (int group = from >>> 6; group < fullWords.length; group++) {
      long notFull = ~fullWords[group];
      if (group == from >>> 6) {
        notFull &= FULL << from;
      }
      if (notFull != 0) {
        return (group << 6) + Long.numberOfTrailingZeros(notFull);
      }
    }
    return DoneLayout.WORDS;
  }

  private void summarize(int word, long value) {
    if (value == FULL) {
      fullWords[word >>> 6] |= 1L << word;
    } else {
      fullWords[word >>> 6] &= ~(1L << word);
    }
  }

  private long word(int word) {
    return buffer.getLongVolatile(position(word));
  }

  private static int position(int word) {
    return DoneLayout.BITS + word * Long.BYTES;
  }
}
