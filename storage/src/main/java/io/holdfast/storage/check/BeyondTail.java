package io.holdfast.storage.check;

/**
 * What stands behind the end of a topic's good prefix, and what all records, on both sides of it,
 * prove to have been forced. Belongs to one scan.
 */
final class BeyondTail {
  private long durable;
  private int highestEpoch;
  private long records;

  BeyondTail(long durable) {
    this.durable = durable;
  }

  /** Takes what a whole record proves. */
  void note(SegmentScanner scanner) {
    durable = Math.max(durable, scanner.durableProof());
    if (Integer.compareUnsigned(scanner.writerEpoch(), highestEpoch) > 0) {
      highestEpoch = scanner.writerEpoch();
    }
  }

  /** Takes that everything below an offset was forced. */
  void proven(long offset) {
    durable = Math.max(durable, offset);
  }

  /**
   * Counts the whole records behind the end, and takes what they and a forced footer prove.
   *
   * @param from where the search begins
   * @param bounds what they must look like; in a recycled segment most of what stands there is of
   *     earlier lives
   * @return where the last one ends, or {@code from}
   */
  int search(SegmentScanner scanner, int from, RecordBounds bounds) {
    scanner.footer().filter(SegmentFooter::forced).ifPresent(f -> proven(f.endOffset()));
    int end = from;
    while (scanner.resync(end, bounds)) {
      do {
        records++;
        end = scanner.nextPosition();
        note(scanner);
      } while (scanner.next() && bounds.allow(scanner));
    }
    return end;
  }

  long durable() {
    return durable;
  }

  int highestEpoch() {
    return highestEpoch;
  }

  long records() {
    return records;
  }
}
