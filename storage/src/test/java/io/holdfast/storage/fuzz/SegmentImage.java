package io.holdfast.storage.fuzz;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/** A segment file of 12 KiB, made by hand: so small that thousands a second can be read. */
final class SegmentImage {
  static final int CAPACITY = 3 * 4096;

  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final long TIME = 1_000_000;

  private final byte[] bytes = new byte[CAPACITY];
  private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
  private final long salt;
  private final long first;
  private int position = SegmentLayout.DATA;
  private long offset;

  SegmentImage(UUID storeId, int topic, long number, long first) {
    this.salt = 0x5A17_0000L + number;
    this.first = first;
    this.offset = first;
    FileHeader header = FileHeader.of(FileKind.SEGMENT, storeId, salt, CAPACITY, 0);
    header.writeBlock(buffer, 0);
    int footer = SegmentLayout.footer(CAPACITY);
    header.writeCopy(buffer, footer + SegmentLayout.FOOTER_HEADER);
    record(RecordType.BEGIN, 0, new SegmentBegin(topic, number, first, TIME, 0).payload());
  }

  /** Appends messages: a key of two bytes, and a few words. */
  SegmentImage messages(int count) {
    for (int i = 0; i < count; i++) {
      String text = "\u0001\u0002\0k" + offset + "message " + "x".repeat(i * 20);
      record(RecordType.DATA, 5, text.getBytes(StandardCharsets.US_ASCII));
      offset++;
    }
    return this;
  }

  /** Seals the segment and marks it as forced. */
  SegmentImage seal(int records) {
    record(RecordType.SEAL, 0, new byte[0]);
    int footer = SegmentLayout.footer(CAPACITY);
    new SegmentFooter(first, offset, TIME, position, records, true).write(buffer, footer, salt);
    buffer.putLong(footer + SegmentLayout.FOOTER_FORCED, ~salt, LE);
    return this;
  }

  byte[] signed() {
    Signatures.segment(bytes);
    return bytes.clone();
  }

  private void record(RecordType type, int attributes, byte[] body) {
    int length = RecordLayout.HEADER + body.length;
    buffer.putInt(position + RecordLayout.LENGTH, length, LE);
    buffer.putByte(position + RecordLayout.TYPE, (byte) type.code());
    buffer.putShort(position + RecordLayout.ATTRIBUTES, (short) attributes, LE);
    buffer.putInt(position + RecordLayout.WRITER_EPOCH, 1, LE);
    buffer.putLong(position + RecordLayout.OFFSET, offset, LE);
    buffer.putBytes(position + RecordLayout.HEADER, body);
    position += RecordLayout.aligned(length);
  }
}
