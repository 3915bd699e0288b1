package io.holdfast.storage;

import io.holdfast.storage.check.CarriedTable;
import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The segment files of one topic: what they hold and take, and how large the next one is.
 * Thread-safe.
 */
public final class TopicFiles {
  /** A bounded topic has so many segments at least: what is dropped is a whole one. */
  private static final int PIECES = 4;

  /** A table has at most this part of a segment, so that most of it is left to messages. */
  private static final int TABLE_PART = 4;

  /** Most bytes of a table in any topic: it is made and copied under the append lock. */
  private static final int MOST_TABLE = 1 << 20;

  /** Most bytes of a begin record. */
  static final int MOST_BEGIN = RecordLayout.HEADER + SegmentLayout.BEGIN_LENGTH + MOST_TABLE;

  private final TopicSettings settings;
  private final AtomicReference<SegmentList> segments; // the log's own
  private final PublishedOffset end; // the log's own
  private volatile long most = Long.MAX_VALUE; // set when the topic is opened, read by appends
  private volatile Runnable work = () -> {}; // set when the topic is opened, run by appends
  private volatile TableSource tables; // null while the topic carries nothing

  TopicFiles(
      TopicSettings settings, AtomicReference<SegmentList> segments, PublishedOffset end) {
    this.settings = settings;
    this.segments = segments;
    this.end = end;
  }

  /**
   * What each segment is that is kept.
   *
   * @return the oldest first; at least one, the one that is written to last
   */
  public List<SegmentExtent> extents() {
    return segments.get().extents(end.get());
  }

  /**
   * How much room the topic takes.
   *
   * @return bytes of all segments that are kept, used or not
   */
  public long bytes() {
    return segments.get().bytes();
  }

  /**
   * Has the topic's segments be small enough for a bound on all of them, from the next one on: a
   * quarter of it each, at most. The bound itself is kept by {@link TopicLog#append(RecordBatch,
   * long)}.
   *
   * @param bytes of all of them; also bounds what is made ahead of need
   */
  public void limit(long bytes) {
    most = bytes;
  }

  /**
   * Has work done after each roll, on the thread that appends, under the append lock: it must be
   * short and must not touch the log.
   *
   * @param afterRoll replaces what was given before
   */
  public void whenRolled(Runnable afterRoll) {
    work = Objects.requireNonNull(afterRoll, "afterRoll");
  }

  void rolled() {
    work.run();
  }

  /**
   * Has the topic carry a table from segment to segment, from the next roll on: the begin record of
   * each new segment has it, so that reading one segment tells all. What is to be in it must be
   * told by {@link RecordBatch#whenAppended}, so that it is of all messages before the segment and
   * of no other.
   *
   * @param source replaces what was given before
   */
  public void carry(TableSource source) {
    tables = Objects.requireNonNull(source, "source");
  }

  /**
   * How large the table may be that the topic carries.
   *
   * @return bytes: a quarter of a segment of full size, at most 1 MiB
   */
  public int mostTableBytes() {
    long segment = Math.min(settings.segmentSize(), most / PIECES);
    return (int) Math.min(MOST_TABLE, segment / TABLE_PART);
  }

  /**
   * A table that a segment carries.
   *
   * @param firstOffset of the segment: the table is of all messages below
   * @param table what it carries
   */
  public record Found(long firstOffset, CarriedTable table) {}

  /**
   * Looks for the newest table on disk, from the newest segment back; normally that one has it. For
   * an opening, before anything is appended.
   *
   * @param least tables of fewer messages than that are of no use
   * @return empty when there is none
   * @throws io.holdfast.storage.error.SegmentDroppedException when a segment is not there any more
   */
  public Optional<Found> newestTable(long least) {
    SegmentList list = segments.get();
    long last = list.last().number();
    for (long number = last; number >= list.first().number(); number--) {
      Segment segment = list.ofNumber(number);
      if (segment.firstOffset() < least) {
        break;
      }
      Optional<CarriedTable> table = tableOf(segment);
      if (table.isPresent()) {
        return Optional.of(new Found(segment.firstOffset(), table.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<CarriedTable> tableOf(Segment segment) {
    try (SegmentScanner scanner = SegmentScanner.open(segment.file())) {
      return scanner.begin().flatMap(SegmentBegin::table);
    }
  }

  /**
   * The first offsets of the segments that carry no table, from one on.
   *
   * @param from first offset of a segment
   * @return ascending
   */
  public List<Long> withoutTable(long from) {
    List<Long> without = new ArrayList<>();
    for (Segment segment : segments.get().all()) {
      if (segment.firstOffset() >= from && tableOf(segment).isEmpty()) {
        without.add(segment.firstOffset());
      }
    }
    return without;
  }

  /** What the next segment carries; under the append lock. */
  Optional<CarriedTable> table() {
    TableSource source = tables;
    return source == null ? Optional.empty() : Optional.of(source.table(mostTableBytes()));
  }

  /** The segment has begun that carries what {@link #table} gave; under the append lock. */
  void begun(SegmentBegin begin) {
    TableSource source = tables;
    if (source != null && begin.table().isPresent()) {
      source.carried(begin.firstOffset());
    }
  }

  /** Bytes of the smallest segment with a table in which records fit. */
  int least(int bytes, Optional<CarriedTable> table) {
    int more = table.map(each -> RecordLayout.aligned(each.bytes().length)).orElse(0);
    return settings.leastSegment(bytes + more);
  }

  /**
   * Bytes of the segment that follows one of a given size.
   *
   * @param capacity bytes of the segment before
   * @param least bytes that it must have
   * @param mostBytes that all may have with it
   * @return a multiple of 4 KiB; 0 where there is no room
   */
  int next(int capacity, int least, long mostBytes) {
    long room = mostBytes - bytes();
    if (least > room) {
      return 0;
    }
    long bound = Math.min(settings.segmentSizeAfter(capacity), most / PIECES);
    return (int) Math.max(least, Math.min(bound, room) & -4096);
  }

  /**
   * Has the next segment made ahead of need, once, where the bound has room for it; under the
   * topic's append lock.
   */
  void askForSuccessor(Successor successor, SegmentWriter writer) {
    long number = writer.segment().number() + 1;
    if (successor.lacks(number)) { // else each append asks anew from the middle of a segment on
      TableSource source = tables;
      int carried = source == null ? 0 : Math.min(source.estimate(), mostTableBytes());
      int least = settings.leastSegment(RecordLayout.aligned(carried));
      int capacity = next(writer.capacity(), least, most);
      if (capacity > 0) {
        successor.ask(number, capacity, least);
      }
    }
  }
}
