package io.holdfast.storage.format;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The checksum over a record: CRC-32C of its body followed by 40 bytes that say where it stands
 * (salt, position, length, header bytes 8 to 31).
 *
 * <p>The body is summed before the topic's lock is taken and the 40 bytes under it, so the two sums
 * must be joined: appending 40 bytes is a linear map of the 32 bits, held here as four tables. The
 * way is that of {@code crc32_combine} in zlib (Mark Adler). Not thread-safe: one instance a writer
 * or reader.
 */
public final class RecordChecksum {
  /** Bytes that follow the body in the sum. */
  public static final int PLACE = 40;

  private static final int POLYNOMIAL = 0x82F63B78;
  private static final int[][] SHIFT = shiftTables();

  private final byte[] place = new byte[PLACE];
  private final UnsafeBuffer placeBuffer = new UnsafeBuffer(place);
  private final CRC32C crc = new CRC32C();

  /** Makes a checksum of its own scratch space. */
  public RecordChecksum() {
    // Nothing to set up: the scratch space is made with the fields.
  }

  /**
   * The sum of a body.
   *
   * @param body holds attributes and payload, one behind the other
   * @param start index of the first byte
   * @param length bytes of attributes and payload, without padding
   * @return the CRC-32C
   */
  public int ofBody(byte[] body, int start, int length) {
    crc.reset();
    crc.update(body, start, length);
    return (int) crc.getValue();
  }

  /**
   * Sets where the record will stand; {@link #header()} then holds its bytes 8 to 31.
   *
   * @param salt of the segment
   * @param position of the record in the segment
   * @param length value of its length field
   */
  public void place(long salt, int position, int length) {
    placeBuffer.putLong(0, salt, ByteOrder.LITTLE_ENDIAN);
    placeBuffer.putInt(8, position, ByteOrder.LITTLE_ENDIAN);
    placeBuffer.putInt(12, length, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Sets bytes 8 to 31 of the record's header.
   *
   * @param typeAndFlags bytes 8 and 9
   * @param attributes bytes of the attribute block
   * @param writerEpoch of the store
   * @param offset of the record
   * @param durableLag offsets behind the durable point
   * @param time milliseconds after the base time
   */
  public void header(
      int typeAndFlags, int attributes, int writerEpoch, long offset, int durableLag, int time) {
    ByteOrder le = ByteOrder.LITTLE_ENDIAN;
    placeBuffer.putInt(16, typeAndFlags & 0xFFFF | attributes << 16, le);
    placeBuffer.putInt(20, writerEpoch, le);
    placeBuffer.putLong(24, offset, le);
    placeBuffer.putInt(32, durableLag, le);
    placeBuffer.putInt(36, time, le);
  }

  /**
   * Copies bytes 8 to 31 of the record's header to where they belong.
   *
   * @param to the record's memory
   * @param index where its byte 8 stands
   */
  public void copyHeader(MutableDirectBuffer to, int index) {
    to.putLong(index, placeBuffer.getLong(16));
    to.putLong(index + 8, placeBuffer.getLong(24));
    to.putLong(index + 16, placeBuffer.getLong(32));
  }

  /**
   * The 40 bytes; those from 16 on are bytes 8 to 31 of the record's header.
   *
   * @return this checksum's own scratch space
   */
  public byte[] header() {
    return place;
  }

  /**
   * The checksum of a record that was copied out of its segment.
   *
   * @param records holds the record
   * @param start index of its first byte
   * @param length value of its length field, at most what the array holds from there
   * @param salt of the segment
   * @param position of the record in the segment
   * @return what its checksum field should say
   */
  public int ofRecord(byte[] records, int start, int length, long salt, int position) {
    place(salt, position, length);
    System.arraycopy(records, start + RecordLayout.TYPE, place, 16, 24);
    crc.reset();
    crc.update(records, start + RecordLayout.HEADER, length - RecordLayout.HEADER);
    crc.update(place, 0, PLACE);
    return (int) crc.getValue();
  }

  /**
   * Joins the sum of a body with the place set before.
   *
   * @param bodyCrc what {@link #ofBody} gave
   * @return the record's checksum
   */
  public int finish(int bodyCrc) {
    crc.reset();
    crc.update(place, 0, PLACE);
    return shift(bodyCrc) ^ (int) crc.getValue();
  }

  private static int shift(int bodyCrc) {
    return SHIFT[0][bodyCrc & 0xFF]
        ^ SHIFT[1][bodyCrc >>> 8 & 0xFF]
        ^ SHIFT[2][bodyCrc >>> 16 & 0xFF]
        ^ SHIFT[3][bodyCrc >>> 24];
  }

  /**
   * The sum of a body once 40 zero bytes have gone through the register, for each byte of the sum.
   */
  private static int[][] shiftTables() {
    int[][] tables = new int[4][256];
    for (int lane = 0; lane < 4; lane++) {
      for (int value = 0; value < 256; value++) {
        int register = value << (8 * lane);
        for (int bit = 0; bit < 8 * PLACE; bit++) {
          register = (register & 1) != 0 ? register >>> 1 ^ POLYNOMIAL : register >>> 1;
        }
        tables[lane][value] = register;
      }
    }
    return tables;
  }
}
