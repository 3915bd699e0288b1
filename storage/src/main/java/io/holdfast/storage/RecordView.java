package io.holdfast.storage;

import io.holdfast.storage.format.RecordLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A record whose checksum was found right, in the reader's own memory. It is valid during the
 * callback only, and belongs to the reader's thread.
 *
 * <p>It is no view of the map: bytes are copied out before they are summed, because a fault inside
 * that computation would kill the JVM, and so what a handler sees is what was summed.
 */
public final class RecordView {
  private byte[] array;
  private final UnsafeBuffer buffer;
  private int start;
  private int length;
  private long timestamp;

  RecordView(byte[] array) {
    this.array = array;
    this.buffer = new UnsafeBuffer(array);
  }

  /** Says where the records are from now on. */
  void wrap(byte[] memory) {
    array = memory;
    buffer.wrap(memory);
  }

  void set(int index, int recordLength) {
    start = index;
    length = recordLength;
  }

  void timestamp(long epochMillis) {
    timestamp = epochMillis;
  }

  int type() {
    return buffer.getByte(start + RecordLayout.TYPE);
  }

  int time() {
    return buffer.getInt(start + RecordLayout.TIME, ByteOrder.LITTLE_ENDIAN);
  }

  int crc() {
    return buffer.getInt(start + RecordLayout.CRC, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The record's offset in its topic.
   *
   * @return 0, 1, 2, ...
   */
  public long offset() {
    return buffer.getLong(start + RecordLayout.OFFSET, ByteOrder.LITTLE_ENDIAN);
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
    return buffer.getInt(start + RecordLayout.WRITER_EPOCH, ByteOrder.LITTLE_ENDIAN);
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
    return start + RecordLayout.HEADER;
  }

  /**
   * Bytes of the attributes.
   *
   * @return 0 to 65,535
   */
  public int attributesLength() {
    return buffer.getShort(start + RecordLayout.ATTRIBUTES, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
  }

  /**
   * Where the payload begins.
   *
   * @return index in {@link #array}
   */
  public int payloadOffset() {
    return start + RecordLayout.HEADER + attributesLength();
  }

  /**
   * Bytes of the payload.
   *
   * @return 0 or more
   */
  public int payloadLength() {
    return start + length - payloadOffset();
  }

  /**
   * A copy of the payload to keep.
   *
   * @return a new array
   */
  public byte[] copyPayload() {
    return Arrays.copyOfRange(array, payloadOffset(), start + length);
  }

  @Override
  public String toString() {
    return "record " + offset() + ", " + payloadLength() + " bytes";
  }
}
