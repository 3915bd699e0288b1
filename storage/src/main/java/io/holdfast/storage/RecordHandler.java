package io.holdfast.storage;

/** Receives records from a log reader, one at a time, on the reader's thread. */
@FunctionalInterface
public interface RecordHandler {
  /**
   * Called for one record.
   *
   * @param record valid during the call only
   */
  void onRecord(RecordView record);

  /**
   * Called where messages are missing because a damaged topic was salvaged; the next record, if
   * one is visible, has the offset {@code to}.
   *
   * @param from first offset that is missing
   * @param to one past the last that is missing
   */
  default void onGap(long from, long to) {
    // Who only wants what is there sees the jump in the offsets.
  }
}
