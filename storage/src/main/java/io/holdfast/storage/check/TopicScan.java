package io.holdfast.storage.check;

import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One pass over a topic's segments that finds where the good prefix ends (F) and how far records
 * prove that the topic had been forced (D). It changes nothing; recovery and verify both stand on
 * it.
 *
 * <p>A record belongs to the prefix when it is whole, carries the next offset, and its writer epoch
 * is not below that of the record before it (what stood behind an earlier torn tail stays dead).
 * Records beyond F are looked for as well: they prove that more was there, and each says what had
 * been forced before.
 */
public final class TopicScan {
  /**
   * Whose segments they should be, and what the control file knows of them.
   *
   * @param directory of the topic
   * @param storeId identity of the store
   * @param topic topic number
   * @param durableOffset everything below it was forced, as the control file says
   * @param firstSegment lowest segment number that must be there
   */
  public record Expectation(
      Path directory, UUID storeId, int topic, long durableOffset, long firstSegment) {}

  private final Expectation expected;
  private final boolean trustForced;
  private final List<SegmentState> segments = new ArrayList<>();
  private final List<Path> beyondFiles = new ArrayList<>();
  private Fault fault;
  private final List<Path> unused = new ArrayList<>();
  private final List<Path> dropped = new ArrayList<>();
  private final BeyondTail beyond;
  private long expectedOffset = -1;
  private int lastEpoch;
  private int beyondEnd;

  private TopicScan(Expectation expected, boolean trustForced) {
    this.expected = expected;
    this.trustForced = trustForced;
    this.beyond = new BeyondTail(expected.durableOffset());
  }

  /**
   * Scans a topic.
   *
   * @param expected whose segments they should be
   * @param trustForced whether segments whose footer says forced are believed unread
   * @return what was found
   * @throws FormatVersionException when a segment or record asks for a newer version
   */
  public static TopicScan of(Expectation expected, boolean trustForced) {
    TopicScan scan = new TopicScan(expected, trustForced);
    scan.run();
    return scan;
  }

  private void run() {
    Path salvage = SegmentFiles.salvagePlan(expected.directory());
    if (DurableFiles.exists(salvage)) {
      fail(salvage, 0, "its salvage was interrupted; run it again to finish it");
      return; // what stands there now is of use to nobody else
    }
    SortedMap<Long, Path> all = SegmentFiles.list(expected.directory());
    long number = expected.firstSegment();
    dropped.addAll(all.headMap(number).values());
    SortedMap<Long, Path> files = new TreeMap<>(all.tailMap(number));
    leaveUnusedOut(files);
    if (files.isEmpty()) {
      fail(missing(number), 0, "expected the segment, found no such file");
    }
    for (Map.Entry<Long, Path> entry : files.entrySet()) {
      if (fault == null && entry.getKey() != number) {
        fail(missing(number), 0, "expected the segment, found no such file but later ones");
      }
      if (fault == null) {
        scanSegment(number, entry.getValue());
        number++;
      } else {
        scanBeyond(entry.getValue());
        beyondFiles.add(entry.getValue());
      }
    }
  }

  private Path missing(long number) {
    return SegmentFiles.log(expected.directory(), number);
  }

  /** Those at the end that were named ahead of their use; the first segment never is. */
  private void leaveUnusedOut(SortedMap<Long, Path> files) {
    while (files.size() > 1) {
      Path file = files.get(files.lastKey());
      try (SegmentScanner scanner = SegmentScanner.open(file)) {
        if (!isUnused(scanner)) {
          return;
        }
      }
      unused.add(0, file);
      files.remove(files.lastKey());
    }
  }

  private void scanSegment(long number, Path file) {
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      Optional<SegmentBegin> begin = checkedBegin(scanner, number, file);
      if (begin.isEmpty()) {
        beyondFiles.add(file);
        return;
      }
      SegmentBegin start = begin.get();
      if (expectedOffset >= 0 && start.firstOffset() != expectedOffset && !isKnownGap(start)) {
        blamePrevious(start, file);
        searchAll(scanner);
        beyondFiles.add(file);
        return;
      }
      if (Integer.compareUnsigned(scanner.writerEpoch(), lastEpoch) < 0) {
        fail(file, SegmentLayout.DATA, "expected a writer epoch of at least %d, found %d"
            .formatted(lastEpoch, scanner.writerEpoch()));
        searchAll(scanner);
        beyondFiles.add(file);
        return;
      }
      expectedOffset = start.firstOffset();
      Optional<SegmentFooter> footer = scanner.footer();
      if (trustForced && footer.isPresent() && isUsable(footer.get(), start, scanner)) {
        believe(scanner, number, file, start, footer.get());
      } else {
        scanRecords(scanner, number, file, start);
      }
    }
  }

  /**
   * Whether a salvage lost what lies before the segment. It sealed the segment before, so what that
   * one loses at its end is never taken for such a gap.
   */
  private boolean isKnownGap(SegmentBegin start) {
    return start.gap()
        && start.firstOffset() > expectedOffset
        && (segments.isEmpty() || segments.get(segments.size() - 1).sealed());
  }

  /**
   * Whether this is a segment of ours that was named ahead of its use: no begin record stands in
   * it, or one that was never finished, and no other record; there may be some of earlier lives.
   */
  private boolean isUnused(SegmentScanner scanner) {
    boolean ours =
        scanner
            .header()
            .filter(header -> header.storeId().equals(expected.storeId()))
            .filter(header -> header.capacity() == scanner.size())
            .isPresent();
    scanner.seek(SegmentLayout.DATA);
    return ours
        && !scanner.next()
        && scanner.problem().isEmpty()
        && !scanner.resync(SegmentLayout.DATA, RecordBounds.from(0));
  }

  /** Whether a footer may stand for its segment: what contradicts itself is read instead. */
  private static boolean isUsable(
      SegmentFooter footer, SegmentBegin start, SegmentScanner scanner) {
    return footer.forced()
        && footer.firstOffset() == start.firstOffset()
        && footer.records() >= 0
        && footer.endOffset() == footer.firstOffset() + footer.records()
        && footer.lastTime() >= start.baseTime()
        && footer.endPosition() > SegmentLayout.DATA
        && footer.endPosition() <= scanner.dataEnd();
  }

  /** The segment before ended too early: what lies between its end and this begin is missing. */
  private void blamePrevious(SegmentBegin start, Path file) {
    SegmentState previous = segments.get(segments.size() - 1);
    fail(
        previous.file(),
        previous.endPosition(),
        "expected records up to offset %d, where %s begins, found the end"
            .formatted(start.firstOffset(), file.getFileName()));
  }

  private Optional<SegmentBegin> checkedBegin(SegmentScanner scanner, long number, Path file) {
    if (scanner.header().isEmpty()) {
      fail(file, 0, "expected a segment header, found none of its three copies (%d bytes)"
          .formatted(scanner.size()));
      return Optional.empty();
    }
    FileHeader header = scanner.header().get();
    if (!header.storeId().equals(expected.storeId())) {
      fail(file, 0, "expected a segment of store %s, found one of store %s"
          .formatted(expected.storeId(), header.storeId()));
      return Optional.empty();
    }
    if (header.capacity() != scanner.size()) {
      fail(file, scanner.size(), "expected %d bytes, found %d: the file was cut or grown"
          .formatted(header.capacity(), scanner.size()));
      searchAll(scanner);
      return Optional.empty();
    }
    if (header.capacity() % SegmentLayout.FOOTER_BLOCK != 0
        || header.capacity() > SegmentLayout.MAX_CAPACITY) {
      fail(file, 0, "expected a multiple of %d up to %d bytes, found %d".formatted(
          SegmentLayout.FOOTER_BLOCK, SegmentLayout.MAX_CAPACITY, header.capacity()));
      return Optional.empty();
    }
    Optional<SegmentBegin> begin = scanner.begin();
    if (begin.isEmpty()) {
      fail(file, SegmentLayout.DATA, "expected a begin record: " + orEnd(scanner));
      searchAll(scanner);
      return Optional.empty();
    }
    SegmentBegin found = begin.get();
    if (found.topic() != expected.topic() || found.segment() != number) {
      fail(
          file,
          SegmentLayout.DATA,
          "expected segment %d of topic number %d, found segment %d of topic number %d"
              .formatted(number, expected.topic(), found.segment(), found.topic()));
      return Optional.empty();
    }
    return begin;
  }

  private static String orEnd(SegmentScanner scanner) {
    return scanner.problem().isEmpty() ? "found nothing" : scanner.problem();
  }

  private void believe(
      SegmentScanner scanner, long number, Path file, SegmentBegin start, SegmentFooter footer) {
    segments.add(
        new SegmentState(
            number,
            file,
            scanner.size(),
            scanner.header().orElseThrow().salt(),
            footer.firstOffset(),
            footer.endOffset(),
            start.baseTime(),
            footer.lastTime(),
            footer.endPosition(),
            footer.records(),
            scanner.writerEpoch(),
            true,
            true,
            false));
    beyond.note(scanner);
    lastEpoch = scanner.writerEpoch();
    expectedOffset = footer.endOffset();
    beyond.proven(footer.endOffset());
    beyondEnd = 0;
  }

  private void scanRecords(SegmentScanner scanner, long number, Path file, SegmentBegin start) {
    long firstOffset = expectedOffset;
    long time = 0;
    int records = 0;
    boolean sealed = false;
    beyond.note(scanner);
    lastEpoch = Math.max(lastEpoch, scanner.writerEpoch());
    while (!sealed && fault == null && scanner.next()) {
      if (!accept(scanner, file)) {
        break;
      }
      time = Math.max(time, scanner.time());
      if (scanner.type() == RecordType.SEAL) {
        sealed = true;
      } else if (scanner.type() == RecordType.DATA) {
        expectedOffset++;
        records++;
      }
    }
    int end = sealed || fault == null ? scanner.nextPosition() : scanner.position();
    if (!sealed && fault == null && !scanner.problem().isEmpty()) {
      fail(file, scanner.position(), scanner.problem());
    }
    boolean forced = scanner.footer().map(SegmentFooter::forced).orElse(false);
    segments.add(
        new SegmentState(
            number,
            file,
            scanner.size(),
            scanner.header().orElseThrow().salt(),
            firstOffset,
            expectedOffset,
            start.baseTime(),
            start.baseTime() + time,
            end,
            records,
            lastEpoch,
            sealed,
            forced,
            true));
    if (forced) {
      beyond.proven(scanner.footer().orElseThrow().endOffset());
    }
    beyondEnd =
        sealed
            ? 0
            : beyond.search(scanner, end, RecordBounds.after(end, expectedOffset, lastEpoch));
  }

  /** Whether the current, whole record continues the prefix; if not, it is the fault. */
  private boolean accept(SegmentScanner scanner, Path file) {
    if (scanner.type() == null || scanner.flags() != 0) {
      throw new FormatVersionException(
          ("%s, position %d: a record of a type or with flags that this version does not know; "
                  + "use a newer Holdfast")
              .formatted(file, scanner.position()));
    }
    if (Integer.compareUnsigned(scanner.writerEpoch(), lastEpoch) < 0) {
      fail(file, scanner.position(), "expected a writer epoch of at least %d, found %d"
          .formatted(lastEpoch, scanner.writerEpoch()));
      return false;
    }
    boolean wanted = scanner.type() == RecordType.DATA || scanner.type() == RecordType.SEAL;
    if (!wanted || scanner.offset() != expectedOffset) {
      fail(file, scanner.position(), "expected a record with offset %d, found %s with offset %d"
          .formatted(expectedOffset, scanner.type(), scanner.offset()));
      return false;
    }
    lastEpoch = scanner.writerEpoch();
    beyond.note(scanner);
    return true;
  }

  private void scanBeyond(Path file) {
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      boolean ours =
          scanner.header().map(h -> h.storeId().equals(expected.storeId())).orElse(false);
      if (ours) {
        searchAll(scanner);
      }
    }
  }

  /** Where its begin record is whole, that says which offsets may stand in it. */
  private void searchAll(SegmentScanner scanner) {
    long least = Math.max(0, expectedOffset);
    Optional<SegmentBegin> begin = scanner.begin();
    RecordBounds bounds =
        begin.isEmpty()
            ? RecordBounds.from(least)
            : new RecordBounds(
                SegmentLayout.DATA, least, begin.get().firstOffset(), scanner.writerEpoch());
    beyond.search(scanner, SegmentLayout.DATA, bounds);
  }

  private void fail(Path file, long position, String problem) {
    fault = new Fault(file, position, Math.max(0, expectedOffset), problem);
  }

  /**
   * The segments of the good prefix, the last one maybe good in part only.
   *
   * @return ascending
   */
  public List<SegmentState> segments() {
    return List.copyOf(segments);
  }

  /**
   * Where the prefix ends although something follows.
   *
   * @return empty when the topic ends cleanly
   */
  public Optional<Fault> fault() {
    return Optional.ofNullable(fault);
  }

  /**
   * F: one past the last offset of the good prefix.
   *
   * @return 0 or more
   */
  public long endOffset() {
    return Math.max(0, expectedOffset);
  }

  /**
   * D: everything below this offset had been forced.
   *
   * @return 0 or more
   */
  public long durableOffset() {
    return beyond.durable();
  }

  /**
   * Whether something that was promised is gone, rather than a tail torn that was not.
   *
   * @return true when the prefix ends before the durable point
   */
  public boolean damaged() {
    return endOffset() < durableOffset() || segments.isEmpty();
  }

  /**
   * Valid records behind the end of the prefix.
   *
   * @return how many were found
   */
  public long beyondRecords() {
    return beyond.records();
  }

  /**
   * Where the last whole record behind the end stops, in the last segment of the prefix.
   *
   * @return position; where the prefix ends when there is none, 0 when that segment is sealed
   */
  public int beyondEnd() {
    return beyondEnd;
  }

  /**
   * Whole segment files behind the end of the prefix.
   *
   * @return ascending
   */
  public List<Path> beyondFiles() {
    return List.copyOf(beyondFiles);
  }

  /**
   * Segment files that were named ahead and have never been used.
   *
   * @return ascending
   */
  public List<Path> unused() {
    return List.copyOf(unused);
  }

  /**
   * Segment files below the first number: what a drop that was cut short left.
   *
   * @return ascending
   */
  public List<Path> dropped() {
    return List.copyOf(dropped);
  }

  /**
   * The highest writer epoch in any valid record.
   *
   * @return as unsigned
   */
  public int highestEpoch() {
    return beyond.highestEpoch();
  }
}
