package io.holdfast.storage.check;

import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the {@code begin} record of a segment says: whose it is, and where it counts from.
 *
 * @param topic topic number
 * @param segment number of the segment in its topic
 * @param firstOffset of the segment
 * @param baseTime epoch milliseconds
 * @param flags bit 0: records are missing before this segment
 * @param table what the topic carries; empty where it is not told here, and has to be looked for in
 *     the segment before
 */
public record SegmentBegin(
    int topic,
    long segment,
    long firstOffset,
    long baseTime,
    int flags,
    Optional<CarriedTable> table) {

  /** The flag that says that offsets are missing before the segment, because they were lost. */
  public static final int GAP = 1;

  /** What stands in {@link SegmentLayout#BEGIN_CARRIED} where a table follows. */
  private static final int CARRIED = 1;

  /**
   * One that does not tell what the topic carries.
   *
   * @param topic topic number
   * @param segment number of the segment in its topic
   * @param firstOffset of the segment
   * @param baseTime epoch milliseconds
   * @param flags bit 0: records are missing before this segment
   */
  public SegmentBegin(int topic, long segment, long firstOffset, long baseTime, int flags) {
    this(topic, segment, firstOffset, baseTime, flags, Optional.empty());
  }

  /**
   * Whether offsets are missing before the segment, because they were lost.
   *
   * @return true in a segment that a salvage began
   */
  public boolean gap() {
    return (flags & GAP) != 0;
  }

  /**
   * Reads the payload of a begin record.
   *
   * @param payload its bytes
   * @param firstOffset the offset in the record's header
   * @return what it says, or empty when it is too short
   */
  public static Optional<SegmentBegin> read(byte[] payload, long firstOffset) {
    if (payload.length < SegmentLayout.BEGIN_LENGTH) {
      return Optional.empty();
    }
    UnsafeBuffer buffer = new UnsafeBuffer(payload);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    return Optional.of(
        new SegmentBegin(
            buffer.getInt(SegmentLayout.BEGIN_TOPIC, le),
            buffer.getLong(SegmentLayout.BEGIN_SEGMENT, le),
            firstOffset,
            buffer.getLong(SegmentLayout.BEGIN_BASE_TIME, le),
            buffer.getInt(SegmentLayout.BEGIN_FLAGS, le),
            table(payload, buffer)));
  }

  private static Optional<CarriedTable> table(byte[] payload, UnsafeBuffer buffer) {
    int entries = buffer.getInt(SegmentLayout.BEGIN_PRODUCERS, ByteOrder.LITTLE_ENDIAN);
    int carried = buffer.getInt(SegmentLayout.BEGIN_CARRIED, ByteOrder.LITTLE_ENDIAN);
    if (carried != CARRIED || entries < 0) {
      return Optional.empty();
    }
    byte[] bytes = Arrays.copyOfRange(payload, SegmentLayout.BEGIN_LENGTH, payload.length);
    return Optional.of(new CarriedTable(entries, bytes));
  }

  /**
   * The payload of the begin record.
   *
   * @return {@link SegmentLayout#BEGIN_LENGTH} bytes, and those of the table
   */
  public byte[] payload() {
    byte[] carried = table.map(CarriedTable::bytes).orElse(new byte[0]);
    byte[] payload = new byte[SegmentLayout.BEGIN_LENGTH + carried.length];
    UnsafeBuffer buffer = new UnsafeBuffer(payload);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    buffer.putInt(SegmentLayout.BEGIN_TOPIC, topic, le);
    buffer.putInt(SegmentLayout.BEGIN_FLAGS, flags, le);
    buffer.putLong(SegmentLayout.BEGIN_SEGMENT, segment, le);
    buffer.putLong(SegmentLayout.BEGIN_BASE_TIME, baseTime, le);
    if (table.isPresent()) {
      buffer.putInt(SegmentLayout.BEGIN_PRODUCERS, table.get().entries(), le);
      buffer.putInt(SegmentLayout.BEGIN_CARRIED, CARRIED, le);
      buffer.putBytes(SegmentLayout.BEGIN_LENGTH, carried);
    }
    return payload;
  }
}
