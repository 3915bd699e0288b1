package io.holdfast.storage;

import io.holdfast.storage.format.RecordLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A record whose checksum was found right, in the reader's own memory. It is valid during the
 * callback only, and belongs to the reader's thread.
 */
public final class RecordView {
  private byte[] array = new byte[4096];
  private final UnsafeBuffer buffer = new UnsafeBuffer(array);
  private int length;
  private long timestamp;

  RecordView() {
    // The scratch space is made with the fields and grows with the records.
  }

  /**
   * Room for a record.
   *
   * @param bytes that will be copied in
   * @return the array to copy to
   */
  byte[] room(int bytes) {
    if (array.length < bytes) {
      array = new byte[Math.max(bytes, Math.min(array.length * 2, 1 << 30))];
      buffer.wrap(array);
    }
    return array;
  }

  void set(int recordLength, long epochMillis) {
    length = recordLength;
    timestamp = epochMillis;
  }

  int type() {
    return buffer.getByte(RecordLayout.TYPE);
  }

  int flags() {
    return buffer.getByte(RecordLayout.FLAGS);
  }

  int time() {
    return buffer.getInt(RecordLayout.TIME, ByteOrder.LITTLE_ENDIAN);
  }

  int crc() {
    return buffer.getInt(RecordLayout.CRC, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The record's offset in its topic.
   *
   * @return 0, 1, 2, ...
   */
  public long offset() {
    return buffer.getLong(RecordLayout.OFFSET, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * When the record was appended.
   *
   * @return epoch milliseconds; never less than that of the record before it
   */
  public long timestamp() {
    return timestamp;
  }

  /**
   * The epoch of the store when the record was written.
   *
   * @return counts the openings of the store for writing
   */
  public int writerEpoch() {
    return buffer.getInt(RecordLayout.WRITER_EPOCH, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * What holds attributes and payload.
   *
   * @return the reader's own array: do not keep it
   */
  public byte[] array() {
    return array;
  }

  /**
   * Where the attributes begin.
   *
   * @return index in {@link #array}
   */
  public int attributesOffset() {
    return RecordLayout.HEADER;
  }

  /**
   * Bytes of the attributes.
   *
   * @return 0 to 65,535
   */
  public int attributesLength() {
    return buffer.getShort(RecordLayout.ATTRIBUTES, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
  }

  /**
   * Where the payload begins.
   *
   * @return index in {@link #array}
   */
  public int payloadOffset() {
    return RecordLayout.HEADER + attributesLength();
  }

  /**
   * Bytes of the payload.
   *
   * @return 0 or more
   */
  public int payloadLength() {
    return length - payloadOffset();
  }

  /**
   * A copy of the payload to keep.
   *
   * @return a new array
   */
  public byte[] copyPayload() {
    return Arrays.copyOfRange(array, payloadOffset(), length);
  }

  @Override
  public String toString() {
    return "record " + offset() + ", " + payloadLength() + " bytes";
  }
}
