package io.holdfast.engine.dedup;

import io.holdfast.engine.message.AttributeLayout;
import io.holdfast.engine.message.AttributeReader;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.TopicLog;
import java.nio.charset.StandardCharsets;

/** Reads from a topic, while it opens, what its files do not tell of sequences and ids. */
final class DedupScan {
  private static final int STEP = 1_000;

  private final SequenceTable sequences; // or null
  private final long sequencesFrom;
  private final boolean isWhole; // what came before is known
  private final IdWindow ids; // or null
  private final IdRing ring;
  private final long idsFrom;
  private final IdKey key;
  private final long now;

  /**
   * What there is to be read.
   *
   * @param table of the sequences before {@code from}
   * @param from offset
   * @param isWhole whether nothing is missing before that
   */
  record Sequences(SequenceTable table, long from, boolean isWhole) {}

  /**
   * What there is to be read.
   *
   * @param window with what the ring has before {@code from}
   * @param ring gets what is read
   * @param key of the hashes
   * @param from offset
   */
  record Ids(IdWindow window, IdRing ring, IdKey key, long from) {}

  DedupScan(Sequences sequences, Ids ids, long now) {
    this.sequences = sequences == null ? null : sequences.table();
    this.sequencesFrom = sequences == null ? Long.MAX_VALUE : sequences.from();
    this.isWhole = sequences == null || sequences.isWhole();
    this.ids = ids == null ? null : ids.window();
    this.ring = ids == null ? null : ids.ring();
    this.key = ids == null ? null : ids.key();
    this.idsFrom = ids == null ? Long.MAX_VALUE : ids.from();
    this.now = now;
  }

  /**
   * Reads up to the end.
   *
   * @throws io.holdfast.storage.error.DamagedRecordException when a record on the way is damaged
   */
  void run(TopicLog log) {
    long from = Math.max(log.firstOffset(), Math.min(sequencesFrom, idsFrom));
    if (from >= log.visibleEnd()) {
      return;
    }
    try (LogReader reader = log.reader(from)) {
      while (reader.poll(this::read, STEP) > 0) {
        // until all is read
      }
    }
  }

  private void read(RecordView record) {
    byte[] bytes = record.array();
    int at = record.attributesOffset();
    int length = record.attributesLength();
    if (record.offset() >= sequencesFrom) {
      int entry = AttributeReader.find(bytes, at, length, AttributeLayout.PRODUCER);
      if (entry >= 0) {
        producer(bytes, entry, record.offset());
      }
    }
    if (record.offset() >= idsFrom) {
      int entry = AttributeReader.find(bytes, at, length, AttributeLayout.DEDUP_ID);
      if (entry >= 0) {
        int value = entry + AttributeLayout.ENTRY;
        IdHash id = key.hash(bytes, value, AttributeReader.size(bytes, entry));
        IdWindow.Place place = new IdWindow.Place(record.offset(), record.timestamp());
        ids.add(id, place, now);
        ring.add(id, place);
      }
    }
  }

  private void producer(byte[] bytes, int entry, long offset) {
    int value = entry + AttributeLayout.ENTRY;
    int nameLength = AttributeReader.size(bytes, entry) - AttributeLayout.PRODUCER_NAME;
    long sequence = nameLength > 0 ? AttributeReader.longAt(bytes, value) : -1;
    if (sequence < 0 || nameLength > SequenceTableLayout.MOST_NAME) {
      return;
    }
    int name = value + AttributeLayout.PRODUCER_NAME;
    String producer = new String(bytes, name, nameLength, StandardCharsets.US_ASCII);
    sequences.beginChange();
    try {
      long floor = isWhole ? SequenceWindow.NO_FLOOR : sequence - 1;
      sequences.add(producer, sequence, offset, floor);
    } finally {
      sequences.endChange();
    }
  }
}
