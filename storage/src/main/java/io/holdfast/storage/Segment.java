package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The segment that a topic is writing to, mapped: puts records, index entries, seal and footer in
 * place.
 *
 * <p>Records are put by whoever holds the topic's append lock. Forcing, and closing, are done by
 * whoever holds its force lock.
 */
final class Segment implements AutoCloseable {
  /** Bytes that a roll needs behind the last message: the seal record, and a zero length. */
  private static final int SEAL_ROOM = RecordLayout.HEADER + RecordLayout.ALIGNMENT;

  /** Record times are milliseconds after the base time; a roll keeps them below this. */
  private static final long MAX_TIME = 1L << 31;

  private static final byte[] NO_BODY = new byte[0];

  private final long number;
  private final long firstOffset;
  private final long baseTime;
  private final long salt;
  private final int capacity;
  private final MappedRegion region;
  private final MappedRegion index;
  private final UnsafeBuffer buffer;
  private final UnsafeBuffer indexBuffer;
  private final RecordChecksum checksum = new RecordChecksum(); // append lock

  private int position; // append lock: where the next record goes
  private int records; // append lock
  private long endOffset; // append lock at the seal, force lock after it
  private volatile int published; // append lock writes, forcers read: all before it is whole
  private int forcedTo; // force lock

  /**
   * Takes over a mapped segment.
   *
   * @param place what it is and where it counts from
   * @param region the mapped file
   * @param index its mapped index file
   * @param position where the next record goes
   * @param records data records before that
   */
  Segment(Place place, MappedRegion region, MappedRegion index, int position, int records) {
    this.number = place.number();
    this.firstOffset = place.firstOffset();
    this.baseTime = place.baseTime();
    this.salt = place.salt();
    this.capacity = (int) region.capacity();
    this.region = region;
    this.index = index;
    this.buffer = region.buffer();
    this.indexBuffer = index.buffer();
    this.position = position;
    this.records = records;
    this.published = position;
    this.forcedTo = 0;
  }

  /**
   * What a segment is and where it counts from.
   *
   * @param number from 1
   * @param firstOffset of the segment
   * @param baseTime epoch milliseconds
   * @param salt of its header
   */
  record Place(long number, long firstOffset, long baseTime, long salt) {}

  Place place() {
    return new Place(number, firstOffset, baseTime, salt);
  }

  long number() {
    return number;
  }

  int capacity() {
    return capacity;
  }

  int position() {
    return position;
  }

  /**
   * Whether records fit, and leave room for the seal.
   *
   * @param bytes that they take
   * @param epochMillis their time
   * @return false when the topic must roll first
   */
  boolean fits(int bytes, long epochMillis) {
    return position + bytes + SEAL_ROOM <= SegmentLayout.footer(capacity)
        && epochMillis - baseTime < MAX_TIME;
  }

  /** One past the last offset, once it is sealed. */
  long endOffset() {
    return endOffset;
  }

  /** Whether the next segment should be made ready. */
  boolean halfFull() {
    return position > capacity / 2;
  }

  /**
   * Puts one record at the end. Order: index entries, body and header, a zero length behind, then
   * length and checksum as one word with release.
   *
   * <p>Invariant: a crash before the last store leaves a zero length here, so the record is not
   * there and the next writer begins at the same place; after it the record is whole.
   *
   * @param type what it is
   * @param body holds attributes, payload and padding
   * @param start where they begin
   * @param attributes bytes of the attribute block
   * @param bodyLength bytes of attributes and payload
   * @param bodyCrc their sum
   * @param offset of the message
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @param epochMillis time of the record
   */
  void put(
      RecordType type,
      byte[] body,
      int start,
      int attributes,
      int bodyLength,
      int bodyCrc,
      long offset,
      int writerEpoch,
      long durableOffset,
      long epochMillis) {
    int at = position;
    int length = RecordLayout.HEADER + bodyLength;
    int end = at + RecordLayout.aligned(length);
    int time = (int) (epochMillis - baseTime);
    long lag = offset - durableOffset;
    int storedLag = lag >= 0 && lag < 0xFFFF_FFFFL ? (int) lag : RecordLayout.LAG_UNKNOWN;
    putIndex(at, end, offset, time);
    buffer.putBytes(at + RecordLayout.HEADER, body, start, end - at - RecordLayout.HEADER);
    checksum.place(salt, at, length);
    checksum.header(type.code(), attributes, writerEpoch, offset, storedLag, time);
    buffer.putBytes(at + RecordLayout.TYPE, checksum.header(), 16, 24);
    long crc = checksum.finish(bodyCrc) & 0xFFFF_FFFFL;
    buffer.putLong(end, 0L);
    buffer.putLongRelease(at + RecordLayout.WORD, crc << 32 | length);
    position = end;
    if (type == RecordType.DATA) {
      records++;
    }
  }

  /** One entry for each page whose first byte the record covers: at most one for a small record. */
  private void putIndex(int at, int end, long offset, int time) {
    int last = end - 1 >>> IndexLayout.PAGE_SHIFT;
    for (int page = at + 4095 >>> IndexLayout.PAGE_SHIFT; page <= last; page++) {
      int entry = page * IndexLayout.ENTRY;
      indexBuffer.putLong(entry + IndexLayout.OFFSET, offset, ByteOrder.LITTLE_ENDIAN);
      indexBuffer.putInt(entry + IndexLayout.POSITION, at, ByteOrder.LITTLE_ENDIAN);
      indexBuffer.putInt(entry + IndexLayout.TIME, time, ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Makes what was put visible to forcers; called once a batch. */
  void publish() {
    published = position;
  }

  /**
   * Puts the seal record and the footer; nothing is put after it.
   *
   * @param endOffset one past the last offset of the segment
   * @param writerEpoch of the store
   * @param durableOffset the durable point known now
   * @param lastTime epoch milliseconds of the last record
   */
  void seal(long endOffset, int writerEpoch, long durableOffset, long lastTime) {
    put(
        RecordType.SEAL, NO_BODY, 0, 0, 0, 0, endOffset, writerEpoch, durableOffset, lastTime);
    writeFooter(endOffset, lastTime);
    this.endOffset = endOffset;
    publish();
  }

  /**
   * Writes what the footer says of a segment whose seal record is in place.
   *
   * @param endOffset one past the last offset of the segment
   * @param lastTime epoch milliseconds of the last record
   */
  void writeFooter(long endOffset, long lastTime) {
    new SegmentFooter(firstOffset, endOffset, lastTime, position, records, false)
        .write(buffer, SegmentLayout.footer(capacity), salt);
  }

  /** Forces everything that was published; the caller holds the force lock. */
  void force() {
    int to = published;
    if (to > forcedTo) {
      int from = forcedTo & -4096;
      region.force(from, to - from);
      forcedTo = to;
    }
  }

  /**
   * Forces data, index and footer of a sealed segment, then marks it as forced; the caller holds
   * the force lock.
   *
   * <p>Invariant: a crash before the mark means that recovery scans the segment, after it that the
   * scan is not needed, because all that it would read was forced before the mark was written.
   */
  void forceSealed() {
    region.force();
    index.force();
    int footer = SegmentLayout.footer(capacity);
    buffer.putLongRelease(footer + SegmentLayout.FOOTER_FORCED, ~salt);
    region.force(footer, SegmentLayout.FOOTER_BLOCK);
    forcedTo = published;
  }

  @Override
  public void close() {
    region.close();
    index.close();
  }
}
