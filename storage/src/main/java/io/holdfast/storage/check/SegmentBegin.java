package io.holdfast.storage.check;

import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
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
 */
public record SegmentBegin(int topic, long segment, long firstOffset, long baseTime, int flags) {

  /** The flag that says that offsets are missing before the segment, because they were lost. */
  public static final int GAP = 1;

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
            buffer.getInt(SegmentLayout.BEGIN_FLAGS, le)));
  }

  /**
   * The payload of a begin record without producer sequences.
   *
   * @return {@link SegmentLayout#BEGIN_LENGTH} bytes
   */
  public byte[] payload() {
    byte[] payload = new byte[SegmentLayout.BEGIN_LENGTH];
    UnsafeBuffer buffer = new UnsafeBuffer(payload);
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    buffer.putInt(SegmentLayout.BEGIN_TOPIC, topic, le);
    buffer.putInt(SegmentLayout.BEGIN_FLAGS, flags, le);
    buffer.putLong(SegmentLayout.BEGIN_SEGMENT, segment, le);
    buffer.putLong(SegmentLayout.BEGIN_BASE_TIME, baseTime, le);
    return payload;
  }
}
