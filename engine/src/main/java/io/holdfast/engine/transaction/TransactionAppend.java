package io.holdfast.engine.transaction;

import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import java.util.List;

/** Puts messages of transactions into their topics, past limits and with the store's reserve. */
public final class TransactionAppend {
  private TransactionAppend() {}

  /** Told of messages that were appended. */
  public interface Appended {
    /**
     * A batch was appended.
     *
     * @param batch with its offsets and time
     * @param from index of its first message among all
     */
    void batch(RecordBatch batch, int from);
  }

  /**
   * Appends messages in their order.
   *
   * @param log of their topic
   * @param entries what is appended
   * @param appended told batch by batch; what it was not told of is not there
   * @throws io.holdfast.storage.error.HoldfastException when one could not be appended
   */
  public static void append(
      TopicLog log, List<TransactionRecord.Entry> entries, Appended appended) {
    RecordBatch batch = log.newBatch();
    int from = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (!add(batch, entries.get(i))) {
        log.appendReserved(batch);
        appended.batch(batch, from);
        from = i;
        batch.clear();
        add(batch, entries.get(i));
      }
    }
    if (batch.size() > 0) {
      log.appendReserved(batch);
      appended.batch(batch, from);
    }
  }

  private static boolean add(RecordBatch batch, TransactionRecord.Entry entry) {
    byte[] attributes = entry.attributes();
    byte[] payload = entry.payload();
    return batch.add(attributes, attributes.length, payload, 0, payload.length);
  }
}
