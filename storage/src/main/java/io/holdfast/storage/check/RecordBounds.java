package io.holdfast.storage.check;

import io.holdfast.storage.format.RecordLayout;

/**
 * What a record behind some place of a segment must look like, so that only those that do are
 * summed: a recycled segment is full of records of earlier lives. Immutable.
 *
 * @param position of the place
 * @param leastOffset no offset may be lower
 * @param mostOffset nor higher at the place itself; with each 32 bytes behind it, which is what the
 *     smallest record takes, it may be one higher
 * @param leastEpoch unsigned; no writer epoch may be lower
 */
public record RecordBounds(int position, long leastOffset, long mostOffset, int leastEpoch) {
  /** Message ids have 48 bits for an offset. */
  private static final long NO_LIMIT = 1L << 48;

  /**
   * What follows a whole record.
   *
   * @param position behind it
   * @param offset that comes next
   * @param epoch of that record
   * @return the bounds
   */
  static RecordBounds after(int position, long offset, int epoch) {
    return new RecordBounds(position, offset, offset, epoch);
  }

  /**
   * What may stand in a segment of which nothing else is known.
   *
   * @param leastOffset no offset may be lower
   * @return the bounds
   */
  static RecordBounds from(long leastOffset) {
    return new RecordBounds(0, leastOffset, NO_LIMIT, 0);
  }

  /** Whether the current record is one that is looked for. */
  boolean allow(SegmentScanner scanner) {
    return allow(scanner.position(), scanner.offset(), scanner.writerEpoch());
  }

  /** Whether a record may be one that is looked for. */
  boolean allow(int at, long offset, int epoch) {
    return offset >= leastOffset
        && offset <= mostOffset + (at - position) / RecordLayout.HEADER
        && Integer.compareUnsigned(epoch, leastEpoch) >= 0;
  }
}
