package io.holdfast.storage;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The segment files of one topic: what they hold and take, and how large the next one is.
 * Thread-safe.
 */
public final class TopicFiles {
  /** A bounded topic has so many segments at least: what is dropped is a whole one. */
  private static final int PIECES = 4;

  private final TopicSettings settings;
  private final AtomicReference<SegmentList> segments; // the log's own
  private final PublishedOffset end; // the log's own
  private volatile long most = Long.MAX_VALUE; // set when the topic is opened, read by appends
  private volatile Runnable work = () -> {}; // set when the topic is opened, run by appends

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
      int least = settings.leastSegment(0);
      int capacity = next(writer.capacity(), least, most);
      if (capacity > 0) {
        successor.ask(number, capacity, least);
      }
    }
  }
}
