package io.holdfast.storage.check;

import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the footer of a sealed segment says.
 *
 * @param firstOffset of the segment
 * @param endOffset one past its last offset
 * @param lastTime epoch milliseconds of its last record
 * @param endPosition where its seal record ends
 * @param records how many data records it holds
 * @param forced whether all of that was forced before this was written
 */
public record SegmentFooter(
    long firstOffset, long endOffset, long lastTime, int endPosition, int records, boolean forced) {

  /**
   * Reads a footer block.
   *
   * @param buffer holds the block
   * @param block index of its first byte
   * @param salt of the segment's header
   * @return the footer, or empty when the segment is not sealed
   */
  public static Optional<SegmentFooter> read(DirectBuffer buffer, int block, long salt) {
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    byte[] unit = new byte[SegmentLayout.FOOTER_LENGTH];
    buffer.getBytes(block, unit);
    UnsafeBuffer footer = new UnsafeBuffer(unit);
    if (footer.getLong(SegmentLayout.FOOTER_SALT, le) != salt
        || footer.getInt(SegmentLayout.FOOTER_CRC, le) != checksum(unit)) {
      return Optional.empty();
    }
    boolean forced = buffer.getLong(block + SegmentLayout.FOOTER_FORCED, le) == ~salt;
    return Optional.of(
        new SegmentFooter(
            footer.getLong(SegmentLayout.FOOTER_FIRST_OFFSET, le),
            footer.getLong(SegmentLayout.FOOTER_END_OFFSET, le),
            footer.getLong(SegmentLayout.FOOTER_LAST_TIME, le),
            footer.getInt(SegmentLayout.FOOTER_END_POSITION, le),
            footer.getInt(SegmentLayout.FOOTER_RECORDS, le),
            forced));
  }

  /**
   * Writes the checked part; the forced mark is written apart, after a force.
   *
   * @param buffer holds the block
   * @param block index of its first byte
   * @param salt of the segment's header
   */
  public void write(MutableDirectBuffer buffer, int block, long salt) {
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    byte[] unit = new byte[SegmentLayout.FOOTER_LENGTH];
    UnsafeBuffer footer = new UnsafeBuffer(unit);
    footer.putLong(SegmentLayout.FOOTER_SALT, salt, le);
    footer.putLong(SegmentLayout.FOOTER_FIRST_OFFSET, firstOffset, le);
    footer.putLong(SegmentLayout.FOOTER_END_OFFSET, endOffset, le);
    footer.putLong(SegmentLayout.FOOTER_LAST_TIME, lastTime, le);
    footer.putInt(SegmentLayout.FOOTER_END_POSITION, endPosition, le);
    footer.putInt(SegmentLayout.FOOTER_RECORDS, records, le);
    footer.putInt(SegmentLayout.FOOTER_CRC, checksum(unit), le);
    buffer.putBytes(block, unit);
  }

  private static int checksum(byte[] unit) {
    CRC32C crc = new CRC32C();
    crc.update(unit, 0, SegmentLayout.FOOTER_CRC);
    return (int) crc.getValue();
  }
}
