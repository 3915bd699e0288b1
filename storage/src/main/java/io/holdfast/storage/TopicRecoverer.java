package io.holdfast.storage;

import io.holdfast.storage.check.Fault;
import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.SegmentState;
import io.holdfast.storage.check.TopicScan;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.IndexLayout;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Brings one topic back to its good prefix at opening, after a {@link TopicScan} said where that
 * ends. Each step may be interrupted by a crash and done again.
 *
 * <ol>
 *   <li>Refuse the topic when the prefix ends before the durable point.
 *   <li>Delete the files of dropped segments, and those that were named ahead and never used.
 *   <li>Copy valid records beyond the end to {@code quarantine/}, then cut: later files away, zeros
 *       over those records. Other bytes behind the end are of earlier lives of a recycled file,
 *       which salt and epoch make harmless; they stay.
 *   <li>On powerLoss and interval topics write what was not proven durable again (the page cache
 *       may hold what the device never got) and force it. On processCrash topics that is left to
 *       the first force; fill the holes that a power cut may have left in a segment of which
 *       nothing was ever forced.
 *   <li>Seal what a roll left unsealed; begin a new segment when the last one is sealed.
 * </ol>
 */
final class TopicRecoverer {
  private final Path directory;
  private final String name;
  private final TopicSettings.Stored stored;
  private final SegmentAllocator allocator;
  private final Quarantine quarantine;
  private final int writerEpoch;
  private final TopicScan scan;

  TopicRecoverer(
      Path directory,
      String name,
      TopicSettings.Stored stored,
      SegmentAllocator allocator,
      Quarantine quarantine,
      int writerEpoch,
      TopicScan scan) {
    this.directory = directory;
    this.name = name;
    this.stored = stored;
    this.allocator = allocator;
    this.quarantine = quarantine;
    this.writerEpoch = writerEpoch;
    this.scan = scan;
  }

  /**
   * Recovers the topic.
   *
   * @param now epoch milliseconds
   * @return where its log takes up
   * @throws DamagedTopicException when something that was promised is gone; nothing was changed
   */
  LogStart recover(long now) {
    if (scan.damaged()) {
      throw new DamagedTopicException(report());
    }
    scan.dropped().forEach(TopicRecoverer::delete);
    scan.unused().forEach(TopicRecoverer::delete);
    List<SegmentState> segments = scan.segments();
    SegmentState last = segments.get(segments.size() - 1);
    setAside(last);
    deleteForsakenIndexes();
    SalvageSteps.clear(directory);
    DurableFiles.forceNames(directory);
    for (SegmentState segment : segments) {
      boolean forces = stored.settings().durability().forces();
      if (segment.scanned() && forces) {
        SegmentTail.writeAgain(segment, doubtful(segment));
      } else if (!segment.sealed() && scan.durableOffset() <= segment.firstOffset()) {
        SegmentTail.fillHoles(segment);
      }
    }
    for (SegmentState segment : segments.subList(0, segments.size() - 1)) {
      if (!segment.forced()) {
        finishSealing(segment);
      }
    }
    return start(segments, last, now);
  }

  /** One sentence with what is wrong and what to do. */
  String report() {
    if (SalvagePlan.exists(directory)) {
      return "topic '%s': its salvage was interrupted; run 'holdfast repair' again to finish it"
          .formatted(name);
    }
    String where = scan.fault().or(this::earlyEnd).map(Fault::toString).orElse(directory + "");
    return ("topic '%s' is damaged: %s; everything below offset %d had been forced, but the "
            + "records end at %d; 'holdfast verify' names all faults; restore the topic from a "
            + "backup, or save what is whole with 'holdfast repair' (nothing was changed)")
        .formatted(name, where, scan.durableOffset(), scan.endOffset());
  }

  /** Zeros where a record stood look like the end; only the durable point tells. */
  private Optional<Fault> earlyEnd() {
    List<SegmentState> segments = scan.segments();
    if (segments.isEmpty()) {
      return Optional.empty();
    }
    SegmentState last = segments.get(segments.size() - 1);
    String problem = "expected a record, found the end";
    return Optional.of(new Fault(last.file(), last.endPosition(), last.endOffset(), problem));
  }

  TopicRecovery outcome(long endOffset) {
    boolean torn = isTorn();
    String detail =
        !torn
            ? ""
            : scan.fault()
                .map(fault -> "cut the torn tail at " + fault)
                .orElse("set aside records behind the end of offset " + scan.endOffset());
    return new TopicRecovery(
        name,
        torn ? TopicRecovery.Outcome.TORN_TAIL : TopicRecovery.Outcome.CLEAN,
        endOffset,
        scan.durableOffset(),
        scan.beyondRecords(),
        detail);
  }

  /** Not forced yet: what a crash brings back is deleted again. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw DurableFiles.failure(file, "cannot be deleted", e);
    }
  }

  private void deleteForsakenIndexes() {
    SortedMap<Long, Path> indexes = SegmentFiles.indexes(directory);
    indexes.keySet().removeAll(SegmentFiles.list(directory).keySet());
    indexes.values().forEach(TopicRecoverer::delete);
  }

  private boolean isTorn() {
    return scan.fault().isPresent() || scan.beyondRecords() > 0;
  }

  private void setAside(SegmentState last) {
    List<Path> beyond = new ArrayList<>(scan.beyondFiles());
    for (int i = beyond.size() - 1; i >= 0; i--) { // highest first: what remains has no hole
      quarantine.move(beyond.get(i), name);
    }
    if (last.sealed()) {
      return;
    }
    if (scan.beyondEnd() > last.endPosition()) {
      quarantine.copy(last.file(), last.endPosition(), scan.beyondEnd(), name);
    }
    SegmentTail.cut(last, isTorn(), scan.beyondEnd());
  }

  /** The position of the first record that is not proven durable. */
  private int doubtful(SegmentState segment) {
    try (SegmentScanner scanner = SegmentScanner.open(segment.file())) {
      while (scanner.nextPosition() < segment.endPosition() && scanner.next()) {
        boolean counts = scanner.type() == RecordType.DATA || scanner.type() == RecordType.BEGIN;
        if (!counts || scanner.offset() >= scan.durableOffset()) { // else a force covered it
          return scanner.position();
        }
      }
    }
    return segment.endPosition();
  }

  /**
   * A roll, or its agent, was cut short: puts the seal that is missing and marks the segment
   * forced.
   */
  private void finishSealing(SegmentState segment) {
    Segment sealed = place(segment);
    sealed.growsFrom(segment.endPosition());
    sealed.inherited(inherited(segment));
    LogStart.Resume resume = new LogStart.Resume(segment.endPosition(), segment.records());
    try (SegmentWriter sealing = SegmentWriter.open(sealed, resume)) {
      if (!segment.sealed()) {
        sealing.seal(
            segment.endOffset(), segment.writerEpoch(), scan.durableOffset(), segment.lastTime());
      } else {
        sealing.writeFooter(segment.endOffset(), segment.lastTime());
      }
      sealing.forceSealed();
    } finally {
      sealed.drop(false);
    }
  }

  private LogStart start(List<SegmentState> segments, SegmentState last, long now) {
    List<Segment> places = new ArrayList<>();
    for (SegmentState segment : segments) {
      places.add(place(segment));
    }
    long end = last.endOffset();
    boolean forces = stored.settings().durability().forces();
    long durable = forces ? end : Math.min(end, scan.durableOffset());
    long lastTime = last.lastTime();
    LogStart.Resume resume = new LogStart.Resume(last.endPosition(), last.records());
    if (last.sealed()) {
      if (!last.forced()) {
        finishSealing(last);
      }
      long base = Math.max(now, last.lastTime());
      SegmentBegin begin = new SegmentBegin(stored.number(), last.number() + 1, end, base, 0);
      int least = stored.settings().leastSegment(0);
      int capacity = stored.settings().segmentSizeAfter(last.capacity());
      SegmentAllocator.Prepared ready = allocator.prepareUpTo(capacity, least, true, false);
      Segment next = allocator.use(ready, directory, begin, writerEpoch, durable);
      places.add(next);
      resume = new LogStart.Resume(next.growsFrom(), 0);
      lastTime = base; // no record of the new segment may count from before it
    } else {
      Segment active = places.get(places.size() - 1);
      active.growsFrom(last.endPosition());
      active.inherited(inherited(last));
    }
    SegmentList list = new SegmentList(places.toArray(Segment[]::new));
    return new LogStart(list, resume, end, durable, lastTime);
  }

  /** What the first force of a segment has to write again. */
  private int inherited(SegmentState segment) {
    boolean done = stored.settings().durability().forces(); // above
    boolean proven = !segment.sealed() && scan.durableOffset() >= segment.endOffset();
    return done || proven ? 0 : segment.endPosition();
  }

  private Segment place(SegmentState state) {
    Segment.Place place =
        new Segment.Place(
            state.number(), state.firstOffset(), state.baseTime(), state.salt());
    Segment segment = new Segment(directory, place, state.capacity(), allocator.idle());
    segment.lastTime(state.lastTime());
    return segment;
  }
}
