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
}
