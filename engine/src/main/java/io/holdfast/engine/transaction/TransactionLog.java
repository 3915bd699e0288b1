package io.holdfast.engine.transaction;

import io.holdfast.engine.error.UnsupportedMessageException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/**
 * The topic with a record for each transaction, and marks that say which of them are applied. It is
 * made with the first commit, or with one of larger transactions when all are applied. One thread
 * at a time.
 */
final class TransactionLog {
  private static final String EXTRA = "transactions";
  private static final int READ_BATCH = 64;
  private static final byte[] NO_ATTRIBUTES = new byte[0];

  private final Store store;
  private final int maxBytes;
  private TopicLog log; // null until it is made
  private RecordBatch batch; // the same

  TransactionLog(Store store, int maxBytes) {
    this.store = store;
    this.maxBytes = maxBytes;
  }

  /** Finds it where it is; it must be whole: what is in it may have been confirmed. */
  void open() {
    TopicLog found = store.topic(TransactionNames.LOG).orElse(null);
    if (found != null && !found.settings().extra().containsKey(EXTRA)) {
      throw new UnsupportedMessageException(
          store.directory() + ": the topic " + found.name() + " was made by a user, before the"
              + " engine kept its transactions there; copy it to another topic with the Holdfast"
              + " that made it, and delete it");
    }
    use(found);
  }

  private void use(TopicLog found) {
    log = found;
    batch = found == null ? null : found.newBatch();
  }

  /** Whether there has been a transaction. */
  boolean isThere() {
    return log != null;
  }

  /** One past the last record; 0 where there is none. */
  long end() {
    return log == null ? 0 : log.endOffset();
  }

  /** Makes it where it is missing; on the device when this returns. */
  void make() {
    if (log == null) {
      TreeMap<String, String> extra = new TreeMap<>();
      extra.put(EXTRA, "1");
      int segment = TransactionNames.segmentSize(maxBytes);
      use(
          store.createTopic(
              TransactionNames.LOG,
              new TopicSettings(Durability.powerLoss(), segment, maxBytes, extra)));
    }
  }

  /** Deletes it where its records are too small for the transactions to come; all are applied. */
  void renewIfSmall() {
    if (log != null && log.settings().maxMessageSize() < maxBytes) {
      use(null);
      store.deletion().begin(TransactionNames.LOG);
      store.deletion().finish(TransactionNames.LOG);
    }
  }

  /**
   * Appends a record; see {@link TopicLog#append(RecordBatch)} for what it throws.
   *
   * @param isReserved whether it must not fail on a full disk
   * @return its offset
   */
  long append(byte[] payload, boolean isReserved) {
    batch.clear();
    batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length);
    if (isReserved) {
      log.appendReserved(batch);
    } else {
      log.append(batch);
    }
    return batch.firstOffset();
  }

  /** Returns once all below an offset is on the device; any thread. */
  void force(long upTo) {
    log.force(upTo);
  }

  /** Drops what nobody looks at again; any thread. */
  void dropBefore(long offset) {
    log.dropBefore(offset);
  }

  /** Returns the offset before which all is applied: what the last mark says. */
  long lastMark() {
    long[] last = {log.firstOffset()};
    read(
        log.firstOffset(),
        end(),
        record -> {
          if (TransactionRecord.isMark(record.array(), record.payloadOffset())) {
            long marked = TransactionRecord.marked(record.array(), record.payloadOffset());
            last[0] = Math.max(last[0], marked);
          }
        });
    return last[0];
  }

  /** Gives all transactions of a range, in order. */
  void transactions(long from, long to, ObjLongConsumer<TransactionRecord> handler) {
    read(
        from,
        to,
        record -> {
          if (!TransactionRecord.isMark(record.array(), record.payloadOffset())) {
            String where = log.name() + " at offset " + record.offset();
            handler.accept(
                TransactionRecord.decode(
                    record.array(), record.payloadOffset(), record.payloadLength(), where),
                record.offset());
          }
        });
  }

  private void read(long from, long to, RecordHandler handler) {
    RecordHandler below =
        new RecordHandler() {
          @Override
          public void onRecord(RecordView record) {
            if (record.offset() < to) {
              handler.onRecord(record);
            }
          }
        };
    try (LogReader reader = log.reader(from)) {
      while (reader.offset() < to && reader.poll(below, READ_BATCH) > 0) {
        // to the end of the range
      }
    }
  }
}
