package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.error.DiskFullException;
import io.holdfast.storage.error.StorageIoException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes one segment: puts records, index entries, seal and footer in place, and forces them. It
 * holds a pin of its segment until {@link #close} or {@link #forceSealedAndUnmap}.
 *
 * <p>Records are put by whoever holds the topic's append lock. Anybody may force who holds a pin:
 * forces of one segment come one after another, because of two at once only one would be told of
 * a failure.
 */
final class SegmentWriter implements AutoCloseable {
  /** Bytes that a roll needs behind the last message: the seal record, and a zero length. */
  private static final int SEAL_ROOM = RecordLayout.HEADER + RecordLayout.ALIGNMENT;

  /** Bytes of the zero length behind the last record. */
  private static final int ZERO = RecordLayout.ALIGNMENT;

  /** Record times are milliseconds after the base time; a roll keeps them below this. */
  private static final long MAX_TIME = 1L << 31;

  private final Segment segment;
  private final UnsafeBuffer buffer;
  private final SegmentIndex index;
  private final long baseTime;
  private final long salt;
  private final int limit; // where the last message ends at the latest
  private final RecordChecksum checksum = new RecordChecksum(); // append lock
  private final ReentrantLock forcing = new ReentrantLock(); // held over a force

  private int position; // append lock: where the next record goes
  private int records; // append lock
  private long endOffset; // append lock at the seal, then whoever forces
  private volatile int published; // append lock writes, forcers read: all before it is whole
  private int forcedTo; // forcing
  private boolean failed; // forcing: what the device holds is unknown
  private boolean closed; // forcing

  /**
   * Takes over a segment.
   *
   * @param segment mapped for writing; its first pin is this writer's
   * @param position where the next record goes
   * @param records data records before that
   */
  SegmentWriter(Segment segment, int position, int records) {
    this.segment = segment;
    this.buffer = segment.buffer();
    this.index = segment.index();
    this.baseTime = segment.baseTime();
    this.salt = segment.salt();
    this.limit = SegmentLayout.footer(segment.capacity()) - SEAL_ROOM;
    this.position = position;
    this.records = records;
    this.published = position;
  }

  /**
   * Takes up a segment where recovery, or an earlier writer, left it.
   *
   * @param segment knows from where it grows
   * @param resume where that is
   * @return its writer, with a pin of its own
   */
  static SegmentWriter open(Segment segment, LogStart.Resume resume) {
    if (!segment.pin()) {
      throw new IllegalStateException(segment + ": dropped although it is the last one");
    }
    return new SegmentWriter(segment, resume.position(), resume.records());
  }

  Segment segment() {
    return segment;
  }

  int position() {
    return position;
  }

  int capacity() {
    return segment.capacity();
  }

  /**
   * Whether records fit, and leave room for the seal.
   *
   * @param bytes that they take
   * @param epochMillis their time
   * @return false when the topic must roll first
   */
  boolean fits(int bytes, long epochMillis) {
    return position + bytes <= limit && epochMillis - baseTime < MAX_TIME;
  }

  /**
   * Bytes of a segment in which records of a size fit.
   *
   * @param bytes that the records take
   * @return at least so many
   */
  static long capacityFor(int bytes) {
    int begin = RecordLayout.HEADER + SegmentLayout.BEGIN_LENGTH;
    return (long) SegmentLayout.DATA + begin + bytes + SEAL_ROOM + SegmentLayout.FOOTER_BLOCK;
  }

  /** One past the last offset, once it is sealed. */
  long endOffset() {
    return endOffset;
  }

  /** Whether the next segment should be made ready. */
  boolean halfFull() {
    return position > segment.capacity() / 2;
  }

  /**
   * Puts the messages of a batch at the end. Order: all but the first word of each record, index
   * entries, a zero length behind; then, record for record, length and checksum as one word with
   * release.
   *
   * <p>Invariant: before the first word is stored a zero length stands here, so none of the batch
   * is there and the next writer begins at the same place. A crash between two words leaves the
   * records before it, whole and confirmed to nobody.
   *
   * @param batch fits
   * @param firstOffset of its first message
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @param epochMillis time of the records
   */
  void put(
      RecordBatch batch, long firstOffset, int writerEpoch, long durableOffset, long epochMillis) {
    int start = position;
    int size = batch.size();
    int time = (int) (epochMillis - baseTime);
    long lag = firstOffset - durableOffset;
    long[] words = batch.words();
    for (int i = 0; i < size; i++) {
      int from = batch.start(i);
      int at = start + from;
      int length = batch.length(i);
      checksum.place(salt, at, length);
      checksum.header(
          RecordType.DATA.code(),
          batch.attributesLength(i),
          writerEpoch,
          firstOffset + i,
          storedLag(lag + i),
          time);
      checksum.copyHeader(batch.buffer(), from + RecordLayout.TYPE);
      words[i] = word(checksum.finish(batch.bodyCrc(i)), length);
      index.put(at, at + RecordLayout.aligned(length), firstOffset + i, time);
    }
    int bytes = batch.bytes();
    int end = start + bytes;
    buffer.putLong(end, 0L);
    buffer.putBytes(
        start + RecordLayout.TYPE,
        batch.buffer(),
        RecordLayout.TYPE,
        bytes - RecordLayout.TYPE);
    for (int i = 0; i < size; i++) {
      buffer.putLongRelease(start + batch.start(i), words[i]);
    }
    position = end;
    published = end;
    records += size;
  }

  /** Puts a record of the log's own: begin or seal, in the same order as messages. */
  private void put(
      RecordType type, byte[] body, long offset, int writerEpoch, long durable, int time) {
    int at = position;
    int length = RecordLayout.HEADER + body.length;
    int end = at + RecordLayout.aligned(length);
    int bodyCrc = checksum.ofBody(body, 0, body.length);
    checksum.place(salt, at, length);
    checksum.header(type.code(), 0, writerEpoch, offset, storedLag(offset - durable), time);
    index.put(at, end, offset, time);
    buffer.putLong(end, 0L);
    buffer.putBytes(at + RecordLayout.HEADER, body, 0, body.length);
    checksum.copyHeader(buffer, at + RecordLayout.TYPE);
    buffer.putLongRelease(at + RecordLayout.WORD, word(checksum.finish(bodyCrc), length));
    position = end;
    published = end;
  }

  private static int storedLag(long lag) {
    return lag >= 0 && lag < 0xFFFF_FFFFL ? (int) lag : RecordLayout.LAG_UNKNOWN;
  }

  private static long word(int crc, int length) {
    return (crc & 0xFFFF_FFFFL) << 32 | length;
  }

  /**
   * Puts the begin record. It is forced with the first records behind it, or with the segment
   * before.
   *
   * @param begin whose segment it is and where it counts from
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   */
  void begin(SegmentBegin begin, int writerEpoch, long durableOffset) {
    put(
        RecordType.BEGIN, begin.payload(), begin.firstOffset(), writerEpoch, durableOffset, 0);
  }

  /**
   * Puts the seal record and the footer; nothing is put after it.
   *
   * @param end one past the last offset of the segment
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @param lastTime epoch milliseconds of the last record
   */
  void seal(long end, int writerEpoch, long durableOffset, long lastTime) {
    put(
        RecordType.SEAL,
        new byte[0],
        end,
        writerEpoch,
        durableOffset,
        (int) (lastTime - baseTime));
    writeFooter(end, lastTime);
  }

  /**
   * Writes what the footer says of a segment whose seal record is in place.
   *
   * @param end one past the last offset of the segment
   * @param lastTime epoch milliseconds of the last record
   */
  void writeFooter(long end, long lastTime) {
    endOffset = end;
    new SegmentFooter(segment.firstOffset(), end, lastTime, position, records, false)
        .write(buffer, SegmentLayout.footer(segment.capacity()), salt);
  }

  /**
   * Forces everything that was published, with the zero length behind it: what stands there in a
   * recycled file are records of an earlier life. The first force of a segment is one of all of it,
   * so that from then on the file has no holes.
   */
  void force() {
    forcing.lock();
    try {
      int to = published;
      if (to > forcedTo) {
        checkNotFailed();
        if (!closed) {
          int from = forcedTo & -4096;
          force(from, forcedTo == 0 ? segment.capacity() : to + ZERO - from);
          forcedTo = to;
        }
      }
    } finally {
      forcing.unlock();
    }
  }

  /** A second force after one that failed may say that all is well although pages are lost. */
  private void checkNotFailed() {
    if (failed) {
      throw new StorageIoException(segment + ": an earlier force of it failed");
    }
  }

  private void force(int from, int length) {
    checkNotFailed();
    failed = true; // until it is known better
    SegmentTail.writeInheritedAgain(segment);
    segment.region().force(from, length);
    failed = false;
  }

  /** Forces the header and the begin record. */
  void forceBegin() {
    forcing.lock();
    try {
      if (!closed) {
        int length = buffer.getInt(SegmentLayout.DATA + RecordLayout.LENGTH);
        int end = SegmentLayout.DATA + RecordLayout.aligned(length) + ZERO;
        force(0, end + FileHeader.BLOCK - 1 & -FileHeader.BLOCK); // the footer is behind it
      }
    } finally {
      forcing.unlock();
    }
  }

  /**
   * Forces data and footer of a sealed segment, writes its index file, then marks it as forced.
   *
   * <p>Invariant: a crash before the mark means that recovery scans the segment, after it that the
   * scan is not needed, because all that it would read was forced before the mark was written. An
   * index file that a crash cut short leads readers to a scan.
   */
  void forceSealed() {
    forcing.lock();
    try {
      force(0, segment.capacity());
      writeIndex();
      int footer = SegmentLayout.footer(segment.capacity());
      buffer.putLongRelease(footer + SegmentLayout.FOOTER_FORCED, ~salt);
      force(footer, SegmentLayout.FOOTER_BLOCK);
      settled();
    } finally {
      forcing.unlock();
    }
  }

  /**
   * The same, but unmaps the segment first where nobody reads it, and closes the writer. To write a
   * page that is mapped the kernel must interrupt each core that may have used it, and whoever
   * appends and reads meanwhile is several times as slow.
   */
  void forceSealedAndUnmap() {
    forcing.lock();
    try {
      checkNotFailed();
      MappedRegion region = closed ? null : segment.putAway();
      if (region != null) {
        closed = true;
        failed = true; // until it is known better
        forceUnmapped(region);
        failed = false;
        settled();
      } else if (!closed) {
        forceSealed();
      }
    } finally {
      forcing.unlock();
    }
  }

  /** By the region, which is told of each failure to write since it was mapped. */
  private void forceUnmapped(MappedRegion region) {
    int footer = SegmentLayout.footer(segment.capacity());
    ByteBuffer mark = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (region;
        FileChannel file = DurableFiles.open(segment.file(), StandardOpenOption.WRITE)) {
      SegmentTail.writeInheritedAgain(segment);
      region.force();
      writeIndex();
      DurableFiles.writeFully(
          file, mark.putLong(~salt).flip(), footer + SegmentLayout.FOOTER_FORCED);
      region.force(footer, SegmentLayout.FOOTER_BLOCK);
    } catch (IOException e) {
      throw new StorageIoException(segment + ": cannot be marked as forced: " + e, e);
    }
  }

  private void settled() {
    forcedTo = published;
    segment.settled();
  }

  /** Where to take the segment up again. */
  LogStart.Resume leave() {
    segment.growsFrom(position);
    return new LogStart.Resume(position, records);
  }

  private void writeIndex() {
    try {
      DurableFiles.write(segment.indexFile(), index.fileContent(salt));
    } catch (DiskFullException e) {
      System.getLogger(SegmentWriter.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "{0}: goes without its index, and readers scan: {1}",
              segment,
              e.getMessage());
    }
  }

  /** Gives the pin back; forces after that do nothing. A second call does nothing. */
  @Override
  public void close() {
    forcing.lock();
    try {
      if (!closed) {
        closed = true;
        segment.unpin();
      }
    } finally {
      forcing.unlock();
    }
  }
}
