package io.holdfast.storage.check;

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
import java.util.Optional;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Steps through the records of one segment file, read by channel and checked one by one.
 *
 * <p>It takes no lock and changes nothing, so it may read a live store of another process: there
 * a record is whole once its length can be read. It holds 256 KiB whatever the file says of itself.
 * Belongs to one thread.
 */
public final class SegmentScanner implements AutoCloseable {
  private static final int WINDOW = 256 * 1024;

  /**
   * What a search for records may spend on summing what turns out to be none, in bytes. Messages
   * may hold what looks like the header of a long record at every eighth byte.
   */
  private static final long SEARCH_BYTES = 1L << 30;

  /** Once that is spent, only records up to this length are still looked for. */
  private static final int SHORT_RECORD = 512;

  private final Path file;
  private final FileChannel channel;
  private final int size;
  private final Optional<FileHeader> header;
  private final Optional<SegmentFooter> footer;
  private final long salt;
  private final byte[] window = new byte[WINDOW];
  private final UnsafeBuffer buffer = new UnsafeBuffer(window);
  private final RecordChecksum checksum = new RecordChecksum();
  private final CRC32C largeCrc = new CRC32C();
  private int windowStart;
  private int windowLength;

  private int position;
  private int next = SegmentLayout.DATA;
  private int length;
  private String problem = "";
  private long searched; // bytes summed that were no record

  private SegmentScanner(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = (int) Math.min(channel.size(), SegmentLayout.MAX_CAPACITY + 1L);
    this.header = readHeader();
    this.salt = header.map(FileHeader::salt).orElse(0L);
    this.footer = readFooter();
  }

  /**
   * Opens a segment file.
   *
   * @param file exists
   * @return the scanner, standing before the first record
   */
  public static SegmentScanner open(Path file) {
    try {
      FileChannel channel = DurableFiles.open(file, StandardOpenOption.READ);
      try {
        return new SegmentScanner(file, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be read", e);
    }
  }

  /**
   * The header, from whichever of its copies is valid.
   *
   * @return empty when none is
   */
  public Optional<FileHeader> header() {
    return header;
  }

  /**
   * The footer.
   *
   * @return empty when the segment is not sealed
   */
  public Optional<SegmentFooter> footer() {
    return footer;
  }

  /**
   * Bytes of the file.
   *
   * @return as found at opening; one more than the largest capacity when it is larger than that
   */
  public int size() {
    return size;
  }

  /**
   * Where the data area ends.
   *
   * @return position of the footer block, or the end of a file that was cut
   */
  public int dataEnd() {
    long capacity = header.map(FileHeader::capacity).orElse((long) size);
    long footer = Math.max(0, capacity) - SegmentLayout.FOOTER_BLOCK;
    return (int) Math.max(0, Math.min(size, footer));
  }

  /**
   * Steps to the next record and checks it.
   *
   * @return false where no whole record stands: {@link #problem} is empty at a clean end
   */
  public boolean next() {
    return check(next);
  }

  /**
   * Continues at a position.
   *
   * @param at multiple of 8 at which the next record is looked for
   */
  public void seek(int at) {
    next = at;
  }

  /**
   * Looks for the next place at which a whole record with this segment's salt stands.
   *
   * @param from where to begin, a multiple of 8
   * @param leastOffset records below this offset are not accepted
   * @return whether one was found; it is then the current record
   */
  public boolean resync(int from, long leastOffset) {
    return resync(from, leastOffset, Long.MAX_VALUE);
  }

  /**
   * Looks for the next place at which a whole record with this segment's salt stands. What looks
   * like long records, but is none, is not looked into without end.
   *
   * @param from where to begin, a multiple of 8
   * @param leastOffset records below this offset are not accepted
   * @param mostOffset nor are records above this one
   * @return whether one was found; it is then the current record
   */
  public boolean resync(int from, long leastOffset, long mostOffset) {
    int end = dataEnd() - RecordLayout.HEADER;
    for (int at = from; at <= end; at += RecordLayout.ALIGNMENT) {
      load(at, RecordLayout.HEADER);
      int at0 = at - windowStart;
      int candidate = buffer.getInt(at0 + RecordLayout.LENGTH, ByteOrder.LITTLE_ENDIAN);
      long offset = buffer.getLong(at0 + RecordLayout.OFFSET, ByteOrder.LITTLE_ENDIAN);
      int longest = searched < SEARCH_BYTES ? dataEnd() - at : SHORT_RECORD;
      if (candidate >= RecordLayout.HEADER
          && candidate <= longest
          && RecordType.of(buffer.getByte(at0 + RecordLayout.TYPE)) != null
          && offset >= leastOffset
          && offset <= mostOffset) {
        if (check(at)) {
          return true;
        }
        searched += candidate;
      }
    }
    return false;
  }

  /**
   * The first byte that is not zero.
   *
   * @param from where to begin looking
   * @return its position, or the end of the data area
   */
  public int firstNonZero(int from) {
    int end = dataEnd();
    for (int at = from; at < end; at++) {
      if (at - windowStart >= windowLength || at < windowStart) {
        load(at, 1);
      }
      if (window[at - windowStart] != 0) {
        return at;
      }
    }
    return end;
  }

  private boolean check(int at) {
    position = at;
    next = at;
    problem = "";
    int room = dataEnd() - at;
    if (room < RecordLayout.HEADER) {
      return false;
    }
    load(at, RecordLayout.HEADER);
    length = intAt(RecordLayout.LENGTH);
    if (length == 0) {
      return false;
    }
    if (length < RecordLayout.HEADER || length > room) {
      problem = "expected a length of 32 to " + room + ", found " + length;
      return false;
    }
    if (RecordLayout.HEADER + attributesLength() > length) {
      problem =
          "its attributes (" + attributesLength() + " bytes) reach beyond its length " + length;
      return false;
    }
    int expected = intAt(RecordLayout.CRC);
    int found = recordCrc();
    if (found != expected) {
      problem = "expected the checksum %08x, found %08x".formatted(expected, found);
      return false;
    }
    load(at, RecordLayout.HEADER);
    next = at + RecordLayout.aligned(length);
    return true;
  }

  private int recordCrc() {
    int start = position;
    int total = length;
    checksum.place(salt, start, total);
    System.arraycopy(window, start - windowStart + 8, checksum.header(), 16, 24);
    int body = total - RecordLayout.HEADER;
    if (total <= WINDOW) {
      load(start, total);
      int bodyCrc = checksum.ofBody(window, start - windowStart + RecordLayout.HEADER, body);
      return checksum.finish(bodyCrc);
    }
    largeCrc.reset();
    int at = start + RecordLayout.HEADER;
    while (at < start + total) {
      int step = Math.min(WINDOW, start + total - at);
      load(at, step);
      largeCrc.update(window, at - windowStart, step);
      at += step;
    }
    return checksum.finish((int) largeCrc.getValue());
  }

  /**
   * What is wrong with what stands at {@link #position}.
   *
   * @return one clause, or empty at a clean end
   */
  public String problem() {
    return problem;
  }

  /**
   * Where the current record stands, or where none does.
   *
   * @return position in the file
   */
  public int position() {
    return position;
  }

  /**
   * Where the record behind the current one would stand.
   *
   * @return position in the file
   */
  public int nextPosition() {
    return next;
  }

  /**
   * The length field.
   *
   * @return header, attributes and payload
   */
  public int length() {
    return length;
  }

  /**
   * The checksum field.
   *
   * @return CRC-32C
   */
  public int crc() {
    return intAt(RecordLayout.CRC);
  }

  /**
   * What the record is.
   *
   * @return null when this version does not know the type
   */
  public RecordType type() {
    return RecordType.of(buffer.getByte(position - windowStart + RecordLayout.TYPE));
  }

  /**
   * The flags.
   *
   * @return 0 in this version
   */
  public int flags() {
    return buffer.getByte(position - windowStart + RecordLayout.FLAGS);
  }

  /**
   * The offset field.
   *
   * @return offset in the topic
   */
  public long offset() {
    return buffer.getLong(position - windowStart + RecordLayout.OFFSET, ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The writer epoch.
   *
   * @return of the store when the record was written
   */
  public int writerEpoch() {
    return intAt(RecordLayout.WRITER_EPOCH);
  }

  /**
   * What this record proves to have been forced.
   *
   * @return everything below this offset was, or 0 when it proves nothing
   */
  public long durableProof() {
    int lag = intAt(RecordLayout.DURABLE_LAG);
    return lag == RecordLayout.LAG_UNKNOWN ? 0 : Math.max(0, offset() - (lag & 0xFFFF_FFFFL));
  }

  /**
   * The time field.
   *
   * @return milliseconds after the segment's base time
   */
  public long time() {
    return intAt(RecordLayout.TIME) & 0xFFFF_FFFFL;
  }

  /**
   * Bytes of the attribute block.
   *
   * @return 0 to 65,535
   */
  public int attributesLength() {
    return intAt(RecordLayout.TYPE) >>> 16;
  }

  /**
   * Copies a part of the record's body (attributes, then payload).
   *
   * @param from index in the body
   * @param bytes how many
   * @return a new array
   */
  public byte[] body(int from, int bytes) {
    byte[] copy = new byte[bytes];
    int start = position + RecordLayout.HEADER + from;
    for (int done = 0; done < bytes; ) {
      int step = Math.min(WINDOW, bytes - done);
      load(start + done, step);
      System.arraycopy(window, start + done - windowStart, copy, done, step);
      done += step;
    }
    load(position, RecordLayout.HEADER);
    return copy;
  }

  /**
   * Reads the begin record and stands behind it.
   *
   * @return empty when the first record is no whole begin record
   */
  public Optional<SegmentBegin> begin() {
    seek(SegmentLayout.DATA);
    if (!next() || type() != RecordType.BEGIN) {
      return Optional.empty();
    }
    return SegmentBegin.read(body(0, length - RecordLayout.HEADER), offset());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StorageIoException(file + ": cannot be closed: " + e.getMessage(), e);
    }
  }

  private int intAt(int field) {
    return buffer.getInt(position - windowStart + field, ByteOrder.LITTLE_ENDIAN);
  }

  private Optional<FileHeader> readHeader() {
    if (size < FileHeader.BLOCK) {
      return Optional.empty();
    }
    load(0, FileHeader.BLOCK);
    Optional<FileHeader> first = FileHeader.readBlock(FileKind.SEGMENT, buffer, 0, file);
    if (first.isPresent() || size < 2 * FileHeader.BLOCK) {
      return first;
    }
    int copy = size - SegmentLayout.FOOTER_BLOCK + SegmentLayout.FOOTER_HEADER;
    load(copy, FileHeader.LENGTH);
    return FileHeader.readCopy(FileKind.SEGMENT, buffer, copy - windowStart, file);
  }

  private Optional<SegmentFooter> readFooter() {
    if (header.isEmpty() || header.get().capacity() != size) {
      return Optional.empty();
    }
    int block = size - SegmentLayout.FOOTER_BLOCK;
    load(block, SegmentLayout.FOOTER_BLOCK);
    return SegmentFooter.read(buffer, block - windowStart, salt);
  }

  /** Makes sure that the window holds these bytes; beyond the end of the file it holds zeros. */
  private void load(int from, int bytes) {
    if (from >= windowStart && from + bytes <= windowStart + windowLength) {
      return;
    }
    windowStart = from;
    windowLength = Math.max(bytes, Math.min(WINDOW, size - from));
    java.util.Arrays.fill(window, 0, bytes, (byte) 0);
    ByteBuffer target = ByteBuffer.wrap(window, 0, windowLength);
    try {
      while (target.hasRemaining()) {
        int read = channel.read(target, (long) windowStart + target.position());
        if (read < 0) {
          java.util.Arrays.fill(window, target.position(), windowLength, (byte) 0);
          break;
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be read at position " + from, e);
    }
  }
}
