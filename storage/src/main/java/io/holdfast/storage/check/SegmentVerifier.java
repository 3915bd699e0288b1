package io.holdfast.storage.check;

import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.Optional;

/** The check of one segment of a topic: header, begin, records, seal, footer and index. */
final class SegmentVerifier {
  private static final String HARMLESS = "no message is affected; keep an eye on the device";

  private final TopicView topic;
  private final TopicTally tally;
  private final long number;
  private final Path file;
  private final boolean isLast;
  private final boolean live;
  private Optional<IndexCheck> index = Optional.empty();
  private boolean faulty;
  private boolean unused;
  private int records;
  private long sealedAt = -1;

  SegmentVerifier(
      TopicView topic, TopicTally tally, long number, Path file, boolean isLast, boolean live) {
    this.topic = topic;
    this.tally = tally;
    this.number = number;
    this.file = file;
    this.isLast = isLast;
    this.live = live;
  }

  /**
   * Where a segment ends.
   *
   * @param end position behind its last whole record
   * @param size bytes of the file
   * @param unused whether it was named ahead and holds nothing yet
   * @param open whether it had no seal, and the one behind it had not begun
   */
  record Result(long end, long size, boolean unused, boolean open) {
    Result(long end, long size) {
      this(end, size, false, false);
    }
  }

  /**
   * Checks the segment.
   *
   * @param previous file of the segment before, to be blamed when records lack at its end
   * @param previousEnd where its last record ends
   */
  Result run(Path previous, long previousEnd) {
    try (SegmentWalk walk = SegmentWalk.open(file)) {
      SegmentScanner scanner = walk.record();
      int size = scanner.size();
      if (scanner.header().isEmpty()) {
        fault(0, size, "expected a segment header, found none of its three copies (%d bytes)"
            .formatted(size));
        return new Result(0, size);
      }
      FileHeader header = scanner.header().get();
      if (isForeign(header)) {
        return new Result(0, size);
      }
      boolean whole = header.capacity() == size;
      if (whole) {
        SegmentEdges.headerCopies(file, scanner).forEach(tally::add);
        Path indexFile = SegmentFiles.index(topic.directory(), number);
        index = Optional.of(new IndexCheck(indexFile, header.salt(), size));
      } else {
        tally.endPrefix();
        tally.add(Finding.damage(file, size,
            "expected a file of %d bytes, found %d: it was cut or grown"
                .formatted(header.capacity(), size),
            "restore the topic from a backup"));
      }
      // Before the records: a live store may seal the segment while they are read.
      Optional<SegmentEdges> edges =
          whole ? Optional.of(SegmentEdges.read(file, scanner)) : Optional.empty();
      Optional<SegmentBegin> begin = begin(walk, previous, previousEnd);
      tally.sealed(false);
      if (unused) {
        return new Result(walk.end(), size, true, false);
      }
      walkRecords(walk);
      boolean nextHasBegun = live && !walk.sealed() && hasBegun(number + 1);
      if (nextHasBegun) {
        walk.lookAgain(); // what was put here before that was begun
        walkRecords(walk);
      }
      edges.ifPresent(found -> end(walk, found, begin));
      // Of a segment that is dropped at this moment the index goes first.
      boolean needed =
          !live && walk.sealed() && scanner.footer().filter(SegmentFooter::forced).isPresent();
      index.ifPresent(check -> check.finish(needed).ifPresent(tally::add));
      return new Result(walk.end(), size, false, !walk.sealed() && !nextHasBegun);
    }
  }

  private boolean hasBegun(long other) {
    try (SegmentScanner scanner =
        SegmentScanner.open(SegmentFiles.log(topic.directory(), other))) {
      return scanner.begin().isPresent() || !scanner.problem().isEmpty();
    } catch (SegmentDroppedException e) {
      return false; // there is none yet, or this one was dropped with it, which comes out next
    } catch (FormatVersionException e) {
      return true;
    }
  }

  private boolean isForeign(FileHeader header) {
    boolean ours = topic.store().id().map(id -> id.equals(header.storeId())).orElse(true);
    if (!ours) {
      fault(0, 0, "expected a segment of store %s, found one of store %s"
          .formatted(topic.store().id().get(), header.storeId()));
    }
    return !ours;
  }

  private Optional<SegmentBegin> begin(SegmentWalk walk, Path previous, long previousEnd) {
    SegmentWalk.Step step = walk.next();
    SegmentScanner scanner = walk.record();
    if (step == SegmentWalk.Step.RECORD && scanner.type() == RecordType.BEGIN) {
      byte[] payload = scanner.body(0, scanner.length() - RecordLayout.HEADER);
      Optional<SegmentBegin> begin = SegmentBegin.read(payload, scanner.offset());
      if (begin.isPresent()) {
        begun(begin.get(), scanner, previous, previousEnd);
        return begin;
      }
    }
    String found = "expected a begin record, found ";
    switch (step) {
      case RECORD -> {
        fault(SegmentLayout.DATA, SegmentLayout.DATA, found + scanner.type());
        record(scanner);
      }
      case BROKEN ->
          fault(walk.brokenFrom(), walk.brokenTo(), "begin record: " + walk.problem());
      default -> {
        unused = isLast && previousEnd > 0;
        if (!unused) {
          fault(SegmentLayout.DATA, SegmentLayout.DATA, found + "nothing");
        }
      }
    }
    return Optional.empty();
  }

  private void begun(
      SegmentBegin begin, SegmentScanner scanner, Path previous, long previousEnd) {
    note(scanner);
    boolean named = topic.number() == 0 || begin.topic() == topic.number();
    if (!named || begin.segment() != number) {
      fault(SegmentLayout.DATA, SegmentLayout.DATA,
          "expected segment %d of topic number %d, found segment %d of topic number %d"
              .formatted(number, topic.number(), begin.segment(), begin.topic()));
    }
    if (begin.gap()) {
      tally.gap(begin.firstOffset(), file);
    }
    tally.arrive(
        begin.firstOffset(),
        previous,
        previousEnd,
        "expected records up to offset %d, where %s begins, found the end"
            .formatted(begin.firstOffset(), file.getFileName()));
    tally.epoch(scanner.writerEpoch());
    index.ifPresent(check -> check.record(scanner));
  }

  private void walkRecords(SegmentWalk walk) {
    SegmentWalk.Step step = walk.next();
    while (step != SegmentWalk.Step.END) {
      if (step == SegmentWalk.Step.BROKEN) {
        fault(walk.brokenFrom(), walk.brokenTo(), walk.problem());
      } else {
        record(walk.record());
      }
      step = walk.next();
    }
  }

  private void record(SegmentScanner scanner) {
    note(scanner);
    int at = scanner.position();
    RecordType type = scanner.type();
    if (type == null || scanner.flags() != 0) {
      fault(at, scanner.nextPosition(),
          "a record of a type or with flags that this version does not know; use a newer Holdfast");
      tally.refuse();
    } else if (type != RecordType.DATA && type != RecordType.SEAL) {
      fault(at, scanner.nextPosition(), "expected a record with offset %d, found %s with offset %d"
          .formatted(tally.expected(), type, scanner.offset()));
    } else if (Integer.compareUnsigned(scanner.writerEpoch(), tally.epoch()) < 0) {
      fault(at, scanner.nextPosition(), "expected a writer epoch of at least %d, found %d"
          .formatted(tally.epoch(), scanner.writerEpoch()));
    } else if (scanner.offset() < tally.expected()) {
      fault(at, scanner.nextPosition(), "expected a record with offset %d, found offset %d"
          .formatted(tally.expected(), scanner.offset()));
    } else {
      accept(scanner, type, at);
    }
  }

  private void accept(SegmentScanner scanner, RecordType type, int at) {
    faulty |= scanner.offset() != tally.expected();
    tally.arrive(scanner.offset(), file, at, "expected a record with offset %d, found offset %d"
        .formatted(tally.expected(), scanner.offset()));
    checkPadding(scanner);
    index.ifPresent(check -> check.record(scanner));
    if (type == RecordType.SEAL) {
      sealedAt = scanner.offset();
      tally.epoch(scanner.writerEpoch());
    } else {
      tally.message(scanner.writerEpoch());
      records++;
    }
  }

  private void note(SegmentScanner scanner) {
    tally.proven(scanner.durableProof());
  }

  /** The checksum does not cover it, so it is looked at here. */
  private void checkPadding(SegmentScanner scanner) {
    int bytes = RecordLayout.aligned(scanner.length()) - scanner.length();
    if (bytes == 0) {
      return;
    }
    for (byte b : scanner.body(scanner.length() - RecordLayout.HEADER, bytes)) {
      if (b != 0) {
        tally.add(new Finding(Finding.Severity.DAMAGE, file,
            scanner.position() + scanner.length(), scanner.nextPosition(), scanner.offset(),
            scanner.offset(), "expected zeros behind the record, found something else", HARMLESS));
        return;
      }
    }
  }

  private void end(SegmentWalk walk, SegmentEdges edges, Optional<SegmentBegin> begin) {
    edges.footer().filter(SegmentFooter::forced).ifPresent(f -> tally.proven(f.endOffset()));
    tally.sealed(walk.sealed());
    if (walk.sealed()) {
      edges.markFinding().ifPresent(tally::add);
      SegmentFooter expected =
          new SegmentFooter(
              begin.map(SegmentBegin::firstOffset).orElse(-1L),
              sealedAt,
              begin.map(b -> b.baseTime() + walk.record().time()).orElse(-1L),
              walk.end(),
              records,
              true);
      edges.compare(expected, faulty || begin.isEmpty(), live).ifPresent(tally::add);
    } else if (edges.footer().isPresent()) {
      SegmentFooter footer = edges.footer().get();
      fault(walk.end(), footer.endPosition(),
          "expected a seal record at the end, as the footer says, found none");
    } else if (!isLast && !live && !tally.inFault()) {
      tally.add(Finding.note(file, walk.end(), "it has no seal, although a later segment follows",
          "nothing to do: the roll was cut short, and the next opening seals it"));
    }
  }

  private void fault(long from, long to, String problem) {
    faulty = true;
    tally.fault(file, from, to, problem);
  }
}
