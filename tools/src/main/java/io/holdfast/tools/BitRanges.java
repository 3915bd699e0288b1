package io.holdfast.tools;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Finds the ranges of bits that are set in a file of little-endian words. */
final class BitRanges {
  private BitRanges() {}

  /** Told of a range. */
  @FunctionalInterface
  interface Handler {
    /** Takes the first bit of a range, and the one behind its last. */
    void onRange(int from, int to);
  }

  /**
   * Goes through all ranges in order.
   *
   * @param content of the file; a part of a word at its end does not count
   * @param first index of the first word
   */
  static void each(byte[] content, int first, Handler handler) {
    UnsafeBuffer bits = new UnsafeBuffer(content);
    int end = Math.max(0, content.length - first) / Long.BYTES * Long.SIZE;
    int at = 0;
    while (at < end) {
      int from = next(bits, first, at, end, true);
      int to = next(bits, first, from, end, false);
      if (from < to) {
        handler.onRange(from, to);
      }
      at = to;
    }
  }

  private static int next(UnsafeBuffer bits, int first, int from, int end, boolean set) {
    int at = from;
    while (at < end) {
      long word = bits.getLong(first + (at >>> 6) * Long.BYTES, ByteOrder.LITTLE_ENDIAN);
      long rest = (set ? word : ~word) & -1L << at;
      if (rest != 0) {
        return (at & -64) + Long.numberOfTrailingZeros(rest);
      }
      at = (at & -64) + 64;
    }
    return end;
  }
}
