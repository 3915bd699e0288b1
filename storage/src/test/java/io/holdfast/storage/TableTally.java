package io.holdfast.storage;

import io.holdfast.storage.check.CarriedTable;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A table that says how many messages had been appended when it was asked for, with as many bytes
 * behind that as a test wants.
 */
final class TableTally implements TableSource {
  private final int bytes;
  private long end; // append lock
  private volatile long carriedAt = -1; // append lock writes

  TableTally(int bytes, long end) {
    this.bytes = bytes;
    this.end = end;
  }

  /** Has a topic carry one, beginning with what its newest table and its messages say. */
  static TableTally on(TopicLog log, int bytes) {
    TableTally tally = new TableTally(bytes, log.endOffset());
    log.files().carry(tally);
    return tally;
  }

  /** Appends with the tally told. */
  void append(TopicLog log, RecordBatch batch) {
    batch.whenAppended(() -> end = batch.firstOffset() + batch.size());
    log.append(batch);
  }

  @Override
  public CarriedTable table(int mostBytes) {
    byte[] table = new byte[Math.min(mostBytes, bytes)];
    Arrays.fill(table, (byte) 0x5A);
    ByteBuffer.wrap(table).putLong(end);
    return new CarriedTable(3, table);
  }

  @Override
  public int estimate() {
    return bytes;
  }

  @Override
  public void carried(long firstOffset) {
    carriedAt = firstOffset;
  }

  long carriedAt() {
    return carriedAt;
  }

  /** What a table says; an error where a byte of it is another. */
  static long end(CarriedTable table) {
    for (int i = Long.BYTES; i < table.bytes().length; i++) {
      if (table.bytes()[i] != 0x5A) {
        throw new AssertionError("byte " + i + " of the table is " + table.bytes()[i]);
      }
    }
    return ByteBuffer.wrap(table.bytes()).getLong();
  }
}
