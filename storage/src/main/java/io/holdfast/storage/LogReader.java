package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the visible records of a topic in order, or by offset. For one thread at a time.
 *
 * <p>It maps the segment it stands in for itself and unmaps it when it goes on, so that neither a
 * roll nor the closing of the store can take memory away beneath it. Each record is copied out of
 * the map before its checksum is taken, because a fault inside that computation would kill the JVM.
 */
public final class LogReader implements AutoCloseable {
  private final TopicLog log;
  private final Path directory;
  private final RecordView view = new RecordView();
  private final RecordChecksum checksum = new RecordChecksum();
  private final int maxRecord; // a damaged length must not ask for more memory than this

  private Segment.Place segment; // null before the first seek and after close
  private MappedRegion region;
  private SegmentIndex index;
  private int position;
  private long offset;
  private boolean closed;

  LogReader(TopicLog log, Path directory) {
    this.log = log;
    this.directory = directory;
    this.maxRecord =
        RecordLayout.HEADER + RecordLayout.MAX_ATTRIBUTES + log.settings().maxMessageSize();
  }

  /**
   * The offset that is read next.
   *
   * @return at most the end of the topic
   */
  public long offset() {
    return offset;
  }

  /**
   * Goes to an offset.
   *
   * @param to from the topic's first offset to its visible end
   * @throws IllegalArgumentException when the offset is not in that range
   * @throws DamagedRecordException when the records on the way are damaged
   */
  public void seek(long to) {
    if (to == offset && segment != null) {
      return;
    }
    checkRange(to);
    Segment.Place target = log.segments().ofOffset(to);
    enter(target);
    int start = index.positionOf(to, log.visibleEnd());
    standAt(start);
    if (start != SegmentLayout.DATA && !startsAtMost(to)) {
      standAt(SegmentLayout.DATA);
    }
    while (offset < to) {
      copyNext();
    }
  }

  /** Whether a whole data record at or before the offset stands here: the index is not trusted. */
  private boolean startsAtMost(long to) {
    try {
      copyRecord();
    } catch (DamagedRecordException e) {
      return false;
    }
    boolean usable = view.type() == RecordType.DATA.code() && view.offset() <= to;
    offset = usable ? view.offset() : offset;
    return usable;
  }

  private void checkRange(long to) {
    long first = log.firstOffset();
    long end = log.visibleEnd();
    if (to < first || to > end) {
      throw new IllegalArgumentException(
          "topic %s: expected an offset from %d to %d, found %d"
              .formatted(log.name(), first, end, to));
    }
  }

  /**
   * Handles what is visible behind the reader's place, in order. A record counts as handled when
   * its handler was called, also when that threw.
   *
   * @param handler called for each record
   * @param limit most records to handle
   * @return how many were handled; 0 when nothing is visible
   * @throws DamagedRecordException when a record is not whole; the reader stays before it
   */
  public int poll(RecordHandler handler, int limit) {
    checkOpen();
    long end = log.visibleEnd();
    int handled = 0;
    while (handled < limit && offset < end) {
      copyNext();
      handled++;
      handler.onRecord(view);
    }
    return handled;
  }

  /**
   * Handles the record of one offset; the reader then stands behind it.
   *
   * @param at its offset
   * @param handler called once
   * @return false when that offset is not visible yet
   * @throws DamagedRecordException when the record is not whole
   */
  public boolean read(long at, RecordHandler handler) {
    checkOpen();
    if (at >= log.visibleEnd()) {
      return false;
    }
    seek(at);
    return poll(handler, 1) == 1;
  }

  long offsetAt(long epochMillis) {
    Segment.Place target = log.segments().ofTime(epochMillis);
    long end = log.visibleEnd();
    enter(target);
    long after = Math.max(epochMillis, target.baseTime()) - target.baseTime();
    int start = index.positionOfTime(after, end);
    standAt(start);
    boolean usable = startsAtMost(end) && view.timestamp() < epochMillis;
    if (start != SegmentLayout.DATA && !usable) {
      standAt(SegmentLayout.DATA);
    }
    while (offset < end) {
      copyNext();
      if (view.timestamp() >= epochMillis) {
        return view.offset();
      }
    }
    return end;
  }

  /** Stands before the record at a position of the segment that is mapped. */
  private void standAt(int at) {
    position = at;
    offset = segment.firstOffset();
  }

  /** Copies the next data record into the view and steps behind it. */
  private void copyNext() {
    while (true) {
      copyRecord();
      int type = view.type();
      if (type == RecordType.DATA.code()) {
        if (view.offset() != offset) {
          throw damaged("expected offset " + offset + ", found " + view.offset());
        }
        step();
        offset++;
        return;
      }
      if (type == RecordType.SEAL.code()) {
        enter(log.segments().ofNumber(segment.number() + 1));
        position = SegmentLayout.DATA;
      } else if (type == RecordType.BEGIN.code()) {
        step();
      } else {
        throw damaged("expected a message, found a record of type " + type);
      }
    }
  }

  private void step() {
    position += RecordLayout.aligned(view.payloadOffset() + view.payloadLength());
  }

  /** Copies the record at the reader's position and checks it. */
  private void copyRecord() {
    UnsafeBuffer buffer = region.buffer();
    int room = Math.min(maxRecord, SegmentLayout.footer((int) region.capacity()) - position);
    int length =
        room < RecordLayout.HEADER ? 0 : buffer.getInt(position, ByteOrder.LITTLE_ENDIAN);
    if (length < RecordLayout.HEADER || length > room) {
      throw damaged("expected a length of 32 to " + room + ", found " + length);
    }
    byte[] copy = view.room(length);
    buffer.getBytes(position, copy, 0, length);
    view.set(length, 0);
    if (view.attributesLength() > length - RecordLayout.HEADER) {
      throw damaged("its attributes reach beyond its length");
    }
    int bodyCrc =
        checksum.ofBody(copy, RecordLayout.HEADER, length - RecordLayout.HEADER);
    checksum.place(segment.salt(), position, length);
    System.arraycopy(copy, RecordLayout.TYPE, checksum.header(), 16, 24);
    int found = checksum.finish(bodyCrc);
    if (found != view.crc()) {
      throw damaged("expected the checksum %08x, found %08x".formatted(view.crc(), found));
    }
    view.set(length, segment.baseTime() + (view.time() & 0xFFFF_FFFFL));
  }

  private void enter(Segment.Place target) {
    checkOpen();
    if (segment != null && segment.number() == target.number()) {
      return;
    }
    MappedRegion mapped = MappedRegion.mapReadOnly(SegmentFiles.log(directory, target.number()));
    SegmentIndex opened;
    try {
      opened =
          SegmentIndex.open(
              SegmentFiles.index(directory, target.number()),
              target.salt(),
              (int) mapped.capacity());
    } catch (RuntimeException | Error e) {
      mapped.close();
      throw e;
    }
    leave(); // only now: a reader that cannot go on stays where it is, and may try again
    index = opened;
    region = mapped;
    segment = target;
  }

  private void leave() {
    segment = null;
    if (region != null) {
      region.close();
      index.close();
      region = null;
    }
  }

  private void checkOpen() {
    log.checkOpen();
    if (closed) {
      throw new IllegalStateException("topic " + log.name() + ": this reader has been closed");
    }
  }

  private DamagedRecordException damaged(String problem) {
    return new DamagedRecordException(
        "%s, position %d, offset %d: %s; run 'holdfast verify' on the store"
            .formatted(SegmentFiles.log(directory, segment.number()), position, offset, problem));
  }

  /** Unmaps what the reader stands in. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    leave();
  }
}
