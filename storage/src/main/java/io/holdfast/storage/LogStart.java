package io.holdfast.storage;

/**
 * Where a log takes up, as recovery found it. Nothing is mapped before the first append.
 *
 * @param segments all of them; the last is appended to
 * @param resume where in it
 * @param endOffset the next offset
 * @param durableOffset everything below it was forced
 * @param lastTime epoch milliseconds of the last record
 */
record LogStart(
    SegmentList segments, Resume resume, long endOffset, long durableOffset, long lastTime) {

  /**
   * Where writing goes on in the last segment.
   *
   * @param position of the next record
   * @param records data records before it
   */
  record Resume(int position, int records) {}
}
