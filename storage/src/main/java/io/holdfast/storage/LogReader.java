package io.holdfast.storage;

import io.holdfast.storage.error.DamagedRecordException;
import io.holdfast.storage.error.OffsetDroppedException;
import io.holdfast.storage.format.RecordChecksum;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.ByteOrder;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the visible records of a topic in order, or by offset. For one thread at a time.
 *
 * <p>It holds a pin of the segment it stands in, so that neither a roll, nor a drop, nor the
 * closing of the store can take memory away beneath it. Records are copied out of the map in
 * blocks, and summed in the copy: a fault inside that computation would kill the JVM.
 */
public final class LogReader implements AutoCloseable {
  /** Bytes that are copied at once: they stay in the nearest caches until they were handled. */
  private static final int BLOCK = 16 * 1024;

  /** A reader that finds fewer records, in one poll after another, lets more of them gather. */
  private static final int FEW = 64;

  /** How long: some 0.3 to 1 us, as the processor has it. */
  private static final int GATHER_SPINS = 32;

  private final TopicLog log;
  private final RecordChecksum checksum = new RecordChecksum();
  private final int maxRecord; // a damaged length must not ask for more memory than this

  private Segment segment; // pinned; null before the first seek and after close
  private int dataEnd; // of the segment
  private int position; // of the next record
  private long offset; // of the next message
  private byte[] block = new byte[BLOCK];
  private final UnsafeBuffer blockBuffer = new UnsafeBuffer(block);
  private final RecordView view = new RecordView(block);
  private int blockStart; // position of its first byte
  private int blockLength; // bytes that were copied
  private long blockEnd; // the visible end when they were: records below it are whole
  private int lastLength = RecordLayout.HEADER; // of the record before: a guess at the next ones
  private Signal signal; // made by the first wait
  private boolean streaming; // whether the poll before found something
  private boolean closed;

  LogReader(TopicLog log) {
    this.log = log;
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
   * Goes to an offset; where messages are missing there, to the first one behind them. A seek that
   * fails leaves the reader where it was.
   *
   * @param to from the topic's first offset to its visible end
   * @throws IllegalArgumentException when the offset is beyond the visible end
   * @throws OffsetDroppedException when the offset is not kept any more
   * @throws DamagedRecordException when the records on the way are damaged
   */
  public void seek(long to) {
    if (to == offset && segment != null) {
      return;
    }
    checkRange(to);
    Segment target = log.segments().ofOffset(to);
    if (target.firstOffset() > to) {
      throw dropped(to, target.firstOffset()); // since its range was checked
    }
    Segment from = segment;
    int fromPosition = position;
    long fromOffset = offset;
    segment = null; // its pin is kept until the new place is found
    try {
      enter(target);
      goTo(to);
    } catch (RuntimeException e) { // on the way are messages that nobody asked for
      leave();
      standIn(from);
      position = fromPosition;
      offset = fromOffset;
      throw e;
    }
    if (from != null) {
      from.unpin();
    }
  }

  private void goTo(long to) {
    int start = segment.index().positionOf(to, log.visibleEnd());
    standAt(start);
    if (start != SegmentLayout.DATA && !startsAtMost(to)) {
      standAt(SegmentLayout.DATA);
    }
    while (offset < to && readNext(to, null)) {
      // up to that offset, or to the first message behind a gap that it lies in
    }
  }

  /** Whether a whole data record at or before the offset stands here: the index is not trusted. */
  private boolean startsAtMost(long to) {
    try {
      readRecord(log.visibleEnd());
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
    if (to >= 0 && to < first) {
      throw dropped(to, first);
    }
    if (to < first || to > end) {
      throw new IllegalArgumentException(
          "topic %s: expected an offset from %d to %d, found %d"
              .formatted(log.name(), first, end, to));
    }
  }

  private OffsetDroppedException dropped(long wanted, long first) {
    return new OffsetDroppedException(
        "topic %s: expected an offset of %d or more, found %d: retention dropped it; seek to %d"
            .formatted(log.name(), first, wanted, first));
  }

  /**
   * Handles what is visible behind the reader's place, in order. A record counts as handled when
   * its handler was called, also when that threw.
   *
   * @param handler called for each record, and for each range of messages that are missing
   * @param limit most records to handle
   * @return how many were handled; 0 when nothing is visible
   * @throws DamagedRecordException when a record is not whole; the reader stays before it
   * @throws OffsetDroppedException when the reader's place is not kept any more
   */
  public int poll(RecordHandler handler, int limit) {
    checkOpen();
    long end = log.visibleEnd();
    if (offset >= end) {
      streaming = false;
      return 0;
    }
    if (streaming && end - offset < FEW) {
      end = letGather();
    }
    streaming = true;
    if (segment.isDropped() && offset < log.firstOffset()) {
      throw dropped(offset, log.firstOffset());
    }
    int handled = 0;
    while (handled < limit && offset < end && readNext(end, handler)) {
      handled++;
      handler.onRecord(view);
    }
    return handled;
  }

  /** So that the cache lines of the end, and of the newest record, change cores less often. */
  private long letGather() {
    for (int i = 0; i < GATHER_SPINS; i++) {
      Thread.onSpinWait();
    }
    return log.visibleEnd();
  }

  /**
   * Handles the record of one offset; the reader then stands behind it. Where that message is
   * missing, the handler is told so, and the reader stands behind what is missing.
   *
   * @param at its offset
   * @param handler called once
   * @return false when that offset is not visible yet
   * @throws DamagedRecordException when the record is not whole
   * @throws OffsetDroppedException when the offset is not kept any more
   */
  public boolean read(long at, RecordHandler handler) {
    checkOpen();
    if (at >= log.visibleEnd()) {
      return false;
    }
    seek(at);
    if (offset > at) {
      handler.onGap(at, offset);
    } else if (readNext(at + 1, handler)) {
      handler.onRecord(view);
    }
    return true;
  }

  /**
   * Waits until something is visible behind the reader's place, parked.
   *
   * @param nanos longest wait, nanoseconds
   * @return whether there is something
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  public boolean await(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    if (signal == null) {
      signal = new Signal();
      log.addSignal(signal);
    }
    while (true) {
      long version = signal.version(); // before the look, so that no wake-up is lost
      checkOpen();
      long left = deadline - System.nanoTime();
      if (log.visibleEnd() > offset) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
      signal.await(version, left);
    }
  }

  /**
   * Waits until something is visible behind the reader's place, in the way of an idle strategy: one
   * that spins gives the lowest latency and takes a core.
   *
   * @param idle how to wait
   * @param nanos longest wait, nanoseconds
   * @return whether there is something
   */
  public boolean await(IdleStrategy idle, long nanos) {
    long deadline = System.nanoTime() + nanos;
    idle.reset();
    while (log.visibleEnd() <= offset) {
      checkOpen();
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      idle.idle();
    }
    return true;
  }

  long offsetAt(long epochMillis) {
    Segment target = log.segments().ofTime(epochMillis);
    long end = log.visibleEnd();
    enter(target);
    long after = Math.max(epochMillis, target.baseTime()) - target.baseTime();
    int start = segment.index().positionOfTime(after, end);
    standAt(start);
    boolean usable = startsAtMost(end) && view.timestamp() < epochMillis;
    if (start != SegmentLayout.DATA && !usable) {
      standAt(SegmentLayout.DATA);
    }
    while (offset < end && readNext(end, null)) {
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

  /**
   * Reads the next data record into the view and steps behind it.
   *
   * @param end a visible end, beyond the reader's place
   * @param handler told of missing messages, or null
   * @return false when messages are missing up to the end
   */
  private boolean readNext(long end, RecordHandler handler) {
    while (true) {
      int length = readRecord(end);
      int type = view.type();
      if (type == RecordType.DATA.code()) {
        if (view.offset() != offset) {
          throw damaged("expected offset " + offset + ", found " + view.offset());
        }
        position += RecordLayout.aligned(length);
        offset++;
        return true;
      }
      if (type == RecordType.SEAL.code()) {
        goOn(handler);
        if (offset >= end) {
          return false;
        }
      } else if (type == RecordType.BEGIN.code()) {
        position += RecordLayout.aligned(length);
      } else {
        throw damaged("expected a message, found a record of type " + type);
      }
    }
  }

  /** Enters the next segment, which may begin behind messages that are missing. */
  private void goOn(RecordHandler handler) {
    Segment next = log.segments().ofNumber(segment.number() + 1);
    if (next == null) {
      next = log.segments().first(); // what was dropped may have held no message
      if (next.firstOffset() != offset) {
        throw dropped(offset, next.firstOffset());
      }
    }
    long from = offset;
    enter(next);
    position = SegmentLayout.DATA;
    offset = next.firstOffset();
    if (offset > from && handler != null) {
      handler.onGap(from, offset);
    }
  }

  /** Has the view show the record at the reader's position, and checks it; gives its length. */
  private int readRecord(long end) {
    int index = position - blockStart;
    if (index < 0 || index + RecordLayout.HEADER > blockLength || offset >= blockEnd) {
      load(RecordLayout.HEADER, end);
      index = 0;
    }
    int length = blockBuffer.getInt(index, ByteOrder.LITTLE_ENDIAN);
    boolean begins = position == SegmentLayout.DATA; // with a table of its own size
    int most = begins ? Math.max(maxRecord, TopicFiles.MOST_BEGIN) : maxRecord;
    int room = Math.min(most, dataEnd - position);
    if (length < RecordLayout.HEADER || length > room) {
      throw damaged("expected a length of 32 to " + room + ", found " + length);
    }
    if (index + length > blockLength) {
      load(length, end);
      index = 0;
    }
    view.set(index, length);
    if (view.attributesLength() > length - RecordLayout.HEADER) {
      throw damaged("its attributes reach beyond its length");
    }
    int found = checksum.ofRecord(block, index, length, segment.salt(), position);
    if (found != view.crc()) {
      throw damaged("expected the checksum %08x, found %08x".formatted(view.crc(), found));
    }
    view.timestamp(segment.baseTime() + (view.time() & 0xFFFF_FFFFL));
    lastLength = length;
    return length;
  }

  /** Copies what follows the reader's position: at least so much, and not far beyond the end. */
  private void load(int least, long end) {
    int room = dataEnd - position;
    if (room < least) {
      throw damaged("expected a record, found the end of the segment");
    }
    long guess = Math.max(1, end - offset) * RecordLayout.aligned(lastLength);
    int bytes = (int) Math.min(room, Math.max(least, Math.min(BLOCK, guess)));
    if (bytes > block.length) {
      block = new byte[Math.max(bytes, Math.min(block.length * 2, 1 << 30))];
      blockBuffer.wrap(block);
      view.wrap(block);
    }
    segment.buffer().getBytes(position, block, 0, bytes);
    blockStart = position;
    blockLength = bytes;
    blockEnd = end;
  }

  private void enter(Segment target) {
    checkOpen();
    if (target == segment) {
      return;
    }
    if (!target.pin()) {
      throw dropped(target.firstOffset(), log.firstOffset());
    }
    leave(); // only now: a reader that cannot go on stays where it is, and may try again
    standIn(target);
  }

  private void standIn(Segment pinned) {
    segment = pinned;
    dataEnd = pinned == null ? 0 : SegmentLayout.footer(pinned.capacity());
    blockLength = 0;
  }

  private void leave() {
    if (segment != null) {
      segment.unpin();
      segment = null;
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
            .formatted(segment.file(), position, offset, problem));
  }

  /** Gives up the memory that the reader stands in. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      leave();
      if (signal != null) {
        log.removeSignal(signal);
      }
    }
  }
}
