package io.holdfast.storage;

import io.holdfast.storage.check.IndexBuilder;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A sealed segment in the making, written by channel, record after record: what a salvage copies
 * whole records to. Belongs to one thread.
 */
final class SegmentFile implements AutoCloseable {
  private static final int CHUNK = 256 * 1024;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final byte[] NO_BODY = new byte[0];

  private final Path file;
  private final int capacity;
  private final long salt;
  private final FileChannel channel;
  private final IndexBuilder index;
  private final RecordChecksum checksum = new RecordChecksum();
  private int position = SegmentLayout.DATA;
  private long firstOffset;
  private long baseTime;
  private int records;

  private SegmentFile(Path file, UUID storeId, int capacity, long salt) throws IOException {
    this.file = file;
    this.capacity = capacity;
    this.salt = salt;
    this.index = new IndexBuilder(salt, capacity);
    this.channel =
        DurableFiles.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    byte[] header = new byte[FileHeader.BLOCK];
    FileHeader content = FileHeader.of(FileKind.SEGMENT, storeId, salt, capacity, 0);
    content.writeBlock(new UnsafeBuffer(header), 0);
    write(header, 0, header.length, 0);
    byte[] copy = new byte[FileHeader.LENGTH];
    content.writeCopy(new UnsafeBuffer(copy), 0);
    write(copy, 0, copy.length, SegmentLayout.footer(capacity) + SegmentLayout.FOOTER_HEADER);
  }

  /**
   * Makes a file with a header.
   *
   * @param file must not exist
   * @param storeId of the store
   * @param capacity see {@link #capacityFor}
   * @param salt random
   * @return to be begun, filled, sealed and closed
   */
  static SegmentFile create(Path file, UUID storeId, int capacity, long salt) {
    DurableFiles.allocate(file, capacity);
    try {
      return new SegmentFile(file, storeId, capacity, salt);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be written", e);
    }
  }

  /**
   * How large a segment must be.
   *
   * @param beginLength bytes of the begin record's payload
   * @param recordBytes what its messages take, padding included
   * @return a multiple of 4 KiB
   */
  static int capacityFor(int beginLength, long recordBytes) {
    long bytes =
        SegmentLayout.DATA
            + RecordLayout.aligned(RecordLayout.HEADER + beginLength)
            + recordBytes
            + RecordLayout.HEADER // the seal
            + RecordLayout.ALIGNMENT // a zero length behind it
            + SegmentLayout.FOOTER_BLOCK;
    return Math.toIntExact(bytes + 4095 & -4096);
  }

  /**
   * Writes the begin record.
   *
   * @param payload as {@link SegmentLayout} has it
   * @param offset first of the segment
   * @param epoch of the record that comes next
   */
  void begin(byte[] payload, long offset, int epoch) {
    firstOffset = offset;
    baseTime = new UnsafeBuffer(payload).getLong(SegmentLayout.BEGIN_BASE_TIME, LE);
    put(RecordType.BEGIN, payload, offset, epoch, 0);
  }

  /**
   * Copies a message; all that its header says but place, time and checksum stays.
   *
   * @param time milliseconds after the base time, unsigned
   */
  void copy(SegmentScanner record, int time) {
    int length = record.length();
    int body = length - RecordLayout.HEADER;
    int at = position;
    CRC32C crc = new CRC32C();
    for (int done = 0; done < body; done += CHUNK) {
      byte[] part = record.body(done, Math.min(CHUNK, body - done));
      crc.update(part, 0, part.length);
      write(part, 0, part.length, at + RecordLayout.HEADER + done);
    }
    byte[] header = record.recordHeader();
    UnsafeBuffer fields = new UnsafeBuffer(header);
    fields.putInt(RecordLayout.TIME, time, LE);
    checksum.place(salt, at, length);
    System.arraycopy(header, RecordLayout.TYPE, checksum.header(), 16, 24);
    fields.putInt(RecordLayout.CRC, checksum.finish((int) crc.getValue()), LE);
    write(header, 0, header.length, at);
    step(length, record.offset(), time);
    records++;
  }

  /**
   * Writes seal, footer and index, and forces all of that.
   *
   * @param endOffset one past the last offset
   * @param epoch of the record before
   * @param time of the record before, milliseconds after the base time, unsigned
   * @param indexFile must not exist
   */
  void seal(long endOffset, int epoch, int time, Path indexFile) {
    put(RecordType.SEAL, NO_BODY, endOffset, epoch, time);
    long lastTime = baseTime + (time & 0xFFFF_FFFFL);
    byte[] footer = new byte[SegmentLayout.FOOTER_LENGTH];
    new SegmentFooter(firstOffset, endOffset, lastTime, position, records, false)
        .write(new UnsafeBuffer(footer), 0, salt);
    write(footer, 0, footer.length, SegmentLayout.footer(capacity));
    DurableFiles.replace(indexFile, index.bytes());
    force();
    byte[] mark = new byte[Long.BYTES];
    new UnsafeBuffer(mark).putLong(0, ~salt, LE);
    write(mark, 0, mark.length, SegmentLayout.footer(capacity) + SegmentLayout.FOOTER_FORCED);
    force();
  }

  private void put(RecordType type, byte[] body, long offset, int epoch, int time) {
    int length = RecordLayout.HEADER + body.length;
    checksum.place(salt, position, length);
    checksum.header(type.code(), 0, epoch, offset, 0, time); // all below it is forced with it
    byte[] record = new byte[length];
    UnsafeBuffer fields = new UnsafeBuffer(record);
    fields.putBytes(RecordLayout.TYPE, checksum.header(), 16, 24);
    fields.putBytes(RecordLayout.HEADER, body);
    fields.putInt(RecordLayout.LENGTH, length, LE);
    int bodyCrc = new RecordChecksum().ofBody(body, 0, body.length);
    fields.putInt(RecordLayout.CRC, checksum.finish(bodyCrc), LE);
    write(record, 0, length, position);
    step(length, offset, time);
  }

  private void step(int length, long offset, int time) {
    int next = position + RecordLayout.aligned(length);
    index.record(position, next, offset, time);
    position = next;
  }

  private void write(byte[] bytes, int from, int length, int at) {
    try {
      DurableFiles.writeFully(channel, ByteBuffer.wrap(bytes, from, length), at);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be written", e);
    }
  }

  private void force() {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be forced", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StorageIoException(file + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
