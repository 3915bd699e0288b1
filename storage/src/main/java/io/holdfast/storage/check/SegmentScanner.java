package io.holdfast.storage.check;

import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Steps through the records of one segment file, read by channel and checked one by one.
 *
 * <p>It takes no lock and changes nothing, so it may read a live store of another process: there
 * a record is whole once its length can be read, and what the process drops meanwhile is told from
 * damage (see {@link SegmentDroppedException}). It holds 256 KiB whatever the file says of itself.
 * Belongs to one thread.
 */
public final class SegmentScanner implements AutoCloseable {
  /**
   * What a search for records may spend on summing what turns out to be none: so many times the
   * bytes of the file. Stale records are summed once; messages may hold what looks like the header
   * of a long record at every eighth byte.
   */
  private static final int SEARCHES = 4;

  /** Once that is spent, only records up to this length are still looked for. */
  private static final int SHORT_RECORD = 512;

  private final SegmentWindow window;
  private final Optional<FileHeader> header;
  private final Optional<SegmentFooter> footer;
  private final long salt;
  private final int dataEnd;
  private final RecordChecksum checksum = new RecordChecksum();
  private final CRC32C largeCrc = new CRC32C();

  private int position;
  private int next = SegmentLayout.DATA;
  private int length;
  private Wrong wrong = Wrong.NOTHING; // with what the record that was looked at last is refused
  private int expectedCrc;
  private int foundCrc;
  private long searched; // bytes summed that were no record

  private SegmentScanner(Path file, SegmentWindow window) {
    this.window = window;
    this.header = readHeader(file);
    this.salt = header.map(FileHeader::salt).orElse(0L);
    this.footer = readFooter();
    long capacity = header.map(FileHeader::capacity).orElse((long) window.size());
    long footerPosition = Math.max(0, capacity) - SegmentLayout.FOOTER_BLOCK;
    this.dataEnd = (int) Math.max(0, Math.min(window.size(), footerPosition));
  }

  /** Why no whole record stands at a place; put into words only when somebody asks. */
  private enum Wrong {
    NOTHING,
    LENGTH,
    ATTRIBUTES,
    CHECKSUM
  }

  /**
   * Opens a segment file.
   *
   * @param file of the segment
   * @return the scanner, standing before the first record
   * @throws SegmentDroppedException when there is no such file; so may do all methods that read,
   *     when the process that has the store open drops the segment meanwhile
   * @throws io.holdfast.storage.error.FormatVersionException when the file asks for a newer version
   */
  public static SegmentScanner open(Path file) {
    SegmentWindow window = SegmentWindow.open(file);
    try {
      return new SegmentScanner(file, window);
    } catch (RuntimeException | Error e) {
      window.close();
      throw e;
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
    return window.size();
  }

  /**
   * Where the data area ends.
   *
   * @return position of the footer block, or the end of a file that was cut
   */
  public int dataEnd() {
    return dataEnd;
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
   * Looks for the next place at which a whole record with this segment's salt stands. What looks
   * like long records, but is none, is not looked into without end.
   *
   * @param from where to begin, a multiple of 8
   * @param bounds records that do not keep them are not accepted
   * @return whether one was found; it is then the current record
   */
  public boolean resync(int from, RecordBounds bounds) {
    int last = dataEnd - RecordLayout.HEADER;
    int at = from;
    while (at <= last) {
      window.load(at, RecordLayout.HEADER);
      boolean spent = searched >= SEARCHES * (long) dataEnd;
      int loaded = Math.min(last, window.end() - RecordLayout.HEADER);
      at = candidate(at, loaded, spent ? SHORT_RECORD : dataEnd, bounds);
      if (at <= loaded) {
        int bytes = window.getInt(at + RecordLayout.LENGTH);
        if (check(at)) {
          return true;
        }
        searched += bytes > SegmentWindow.BYTES ? bytes + SegmentWindow.BYTES : bytes;
        at += RecordLayout.ALIGNMENT;
      }
    }
    return false;
  }

  /** The first place up to the last at which something looks like a record, or one behind it. */
  private int candidate(int from, int last, int longest, RecordBounds bounds) {
    int at = from;
    while (at <= last) {
      int bytes = window.getInt(at + RecordLayout.LENGTH);
      if (bytes >= RecordLayout.HEADER
          && bytes <= longest
          && bytes <= dataEnd - at
          && isPlausible(at, bytes, bounds)) {
        return at;
      }
      at += RecordLayout.ALIGNMENT;
    }
    return at;
  }

  private boolean isPlausible(int at, int bytes, RecordBounds bounds) {
    int type = window.getInt(at + RecordLayout.TYPE);
    return RecordType.of((byte) type) != null
        && RecordLayout.HEADER + (type >>> 16) <= bytes
        && bounds.allow(
            at,
            window.getLong(at + RecordLayout.OFFSET),
            window.getInt(at + RecordLayout.WRITER_EPOCH));
  }

  private boolean check(int at) {
    position = at;
    next = at;
    wrong = Wrong.NOTHING;
    int room = dataEnd - at;
    if (room < RecordLayout.HEADER) {
      return false;
    }
    window.load(at, RecordLayout.HEADER);
    length = intAt(RecordLayout.LENGTH);
    if (length == 0) {
      return false;
    }
    if (length < RecordLayout.HEADER || length > room) {
      wrong = Wrong.LENGTH;
      return false;
    }
    if (RecordLayout.HEADER + attributesLength() > length) {
      wrong = Wrong.ATTRIBUTES;
      return false;
    }
    expectedCrc = intAt(RecordLayout.CRC);
    foundCrc = recordCrc();
    if (foundCrc != expectedCrc) {
      wrong = Wrong.CHECKSUM;
      return false;
    }
    window.load(at, RecordLayout.HEADER);
    next = at + RecordLayout.aligned(length);
    return true;
  }

  private int recordCrc() {
    int start = position;
    int total = length;
    checksum.place(salt, start, total);
    System.arraycopy(window.array(), window.index(start) + 8, checksum.header(), 16, 24);
    int body = total - RecordLayout.HEADER;
    if (total <= SegmentWindow.BYTES) {
      window.load(start, total);
      int bodyCrc =
          checksum.ofBody(window.array(), window.index(start) + RecordLayout.HEADER, body);
      return checksum.finish(bodyCrc);
    }
    largeCrc.reset();
    int at = start + RecordLayout.HEADER;
    while (at < start + total) {
      int step = Math.min(SegmentWindow.BYTES, start + total - at);
      window.load(at, step);
      largeCrc.update(window.array(), window.index(at), step);
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
    return switch (wrong) {
      case NOTHING -> "";
      case LENGTH ->
          "expected a length of 32 to %d, found %d".formatted(dataEnd - position, length);
      case ATTRIBUTES ->
          "its attributes (%d bytes) reach beyond its length %d"
              .formatted(attributesLength(), length);
      case CHECKSUM ->
          "expected the checksum %08x, found %08x".formatted(expectedCrc, foundCrc);
    };
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
    return RecordType.of((byte) intAt(RecordLayout.TYPE));
  }

  /**
   * The flags.
   *
   * @return 0 in this version
   */
  public int flags() {
    return (byte) (intAt(RecordLayout.TYPE) >>> 8);
  }

  /**
   * The offset field.
   *
   * @return offset in the topic
   */
  public long offset() {
    return window.getLong(position + RecordLayout.OFFSET);
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
      int step = Math.min(SegmentWindow.BYTES, bytes - done);
      window.load(start + done, step);
      System.arraycopy(window.array(), window.index(start + done), copy, done, step);
      done += step;
    }
    window.load(position, RecordLayout.HEADER);
    return copy;
  }

  /**
   * Copies the record's header.
   *
   * @return a new array of {@link RecordLayout#HEADER} bytes
   */
  public byte[] recordHeader() {
    int from = window.index(position);
    return Arrays.copyOfRange(window.array(), from, from + RecordLayout.HEADER);
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

  /**
   * Reads apart from the records.
   *
   * @param from position in the file
   * @param bytes how many
   * @return a new array, with zeros for what lies beyond the end of the file
   */
  byte[] read(int from, int bytes) {
    return window.read(from, bytes);
  }

  @Override
  public void close() {
    window.close();
  }

  private int intAt(int field) {
    return window.getInt(position + field);
  }

  private Optional<FileHeader> readHeader(Path file) {
    int size = window.size();
    if (size < FileHeader.BLOCK) {
      return Optional.empty();
    }
    int copy = size - SegmentLayout.FOOTER_BLOCK + SegmentLayout.FOOTER_HEADER;
    for (int at : new int[] {0, FileHeader.SECOND_COPY, copy}) {
      if (at == copy && size < 2 * FileHeader.BLOCK) {
        break;
      }
      window.load(at, FileHeader.LENGTH);
      Optional<FileHeader> found =
          FileHeader.readCopy(FileKind.SEGMENT, window.buffer(), window.index(at), file);
      if (found.isPresent()) {
        window.watch(at);
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<SegmentFooter> readFooter() {
    int size = window.size();
    if (header.isEmpty() || header.get().capacity() != size) {
      return Optional.empty();
    }
    int block = size - SegmentLayout.FOOTER_BLOCK;
    window.load(block, SegmentLayout.FOOTER_BLOCK);
    return SegmentFooter.read(window.buffer(), window.index(block), salt);
  }
}
