package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.check.SegmentWalk;
import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.RecordType;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * One segment file of a damaged topic: what it says of itself, and the runs of whole messages that
 * stand in it. Immutable once it was read.
 */
final class SalvageSource {
  private final long number;
  private final Path file;
  private final SegmentBegin begin; // or null
  private final byte[] beginPayload; // or null
  private final int beginEpoch;
  private final Optional<SegmentFooter> footer;
  private final boolean usable;
  private final boolean used;

  private SalvageSource(long number, Path file, SegmentWalk walk, UUID storeId, int topic) {
    this.number = number;
    this.file = file;
    this.footer = walk.record().footer();
    boolean hasHeader = walk.record().header().isPresent();
    boolean ours =
        walk.record().header().map(FileHeader::storeId).filter(storeId::equals).isPresent();
    SegmentWalk.Step step = walk.next();
    this.used = !hasHeader || step != SegmentWalk.Step.END;
    SegmentScanner record = walk.record();
    if (step == SegmentWalk.Step.RECORD && record.type() == RecordType.BEGIN) {
      this.beginPayload = record.body(0, record.length() - RecordLayout.HEADER);
      this.begin = SegmentBegin.read(beginPayload, record.offset()).orElse(null);
      this.beginEpoch = record.writerEpoch();
      this.usable = ours && (begin == null || begin.topic() == topic);
    } else {
      this.beginPayload = null;
      this.begin = null;
      this.beginEpoch = 0;
      this.usable = ours;
    }
  }

  /**
   * Messages with offsets that follow each other, one behind the other in a file.
   *
   * @param source their file
   * @param position of the first
   * @param firstOffset of the first
   * @param endOffset one past the last
   * @param bytes that they take, padding included
   * @param firstEpoch writer epoch of the first
   * @param lastEpoch of the last
   * @param firstTime of the first, milliseconds after the base time of its segment
   * @param lastTime of the last
   */
  record Run(
      SalvageSource source,
      int position,
      long firstOffset,
      long endOffset,
      long bytes,
      int firstEpoch,
      int lastEpoch,
      long firstTime,
      long lastTime) {}

  /** What a reading of the whole file came to. */
  record Content(List<Run> runs, int lastEpoch, OptionalLong baseTime) {}

  /**
   * Looks at a file.
   *
   * @param number in its name
   * @param topic number of the topic
   * @throws FormatVersionException when a newer version wrote it
   */
  static SalvageSource of(long number, Path file, UUID storeId, int topic) {
    try (SegmentWalk walk = SegmentWalk.open(file)) {
      return new SalvageSource(number, file, walk, storeId, topic);
    }
  }

  /** The number in its name. */
  long number() {
    return number;
  }

  Path file() {
    return file;
  }

  /** Whether it may hold messages of the topic. */
  boolean usable() {
    return usable;
  }

  /** Whether anything stands in it; else it was named ahead. */
  boolean used() {
    return used;
  }

  /** Where it belongs: a file may have been given another's name. */
  long order() {
    return begin == null || !usable ? number : begin.segment();
  }

  /** The first offset that it may hold, where its begin record says so. */
  OptionalLong firstOffset() {
    return begin == null || !usable ? OptionalLong.empty() : OptionalLong.of(begin.firstOffset());
  }

  /** From when on its times count, where its begin record says so. */
  OptionalLong baseTime() {
    return begin == null || !usable ? OptionalLong.empty() : OptionalLong.of(begin.baseTime());
  }

  /** Whether it follows a gap that is known. */
  boolean gap() {
    return begin != null && begin.gap();
  }

  /** What its footer says: present once it was sealed. */
  Optional<SegmentFooter> footer() {
    return footer;
  }

  /** The payload of its begin record; null where that is lost. */
  byte[] beginPayload() {
    return beginPayload;
  }

  int beginEpoch() {
    return beginEpoch;
  }

  /**
   * Reads all of it.
   *
   * @param least messages below this offset are left out
   * @param limit so are those from this one on: a later segment begins there
   * @param epoch and those with a lower writer epoch: they are of an earlier life
   */
  Content read(long least, long limit, int epoch) {
    List<Run> runs = new ArrayList<>();
    long expected = least;
    int lastEpoch = epoch;
    long sealTime = 0;
    OptionalLong base =
        begin == null ? OptionalLong.empty() : OptionalLong.of(begin.baseTime());
    try (SegmentWalk walk = SegmentWalk.open(file)) {
      RunBuilder run = new RunBuilder(this);
      for (SegmentWalk.Step step = walk.next();
          step != SegmentWalk.Step.END;
          step = walk.next()) {
        SegmentScanner record = walk.record();
        if (step != SegmentWalk.Step.RECORD) {
          continue;
        }
        refuseUnknown(record);
        if (record.type() == RecordType.SEAL) {
          sealTime = record.time();
        }
        boolean good =
            record.type() == RecordType.DATA
                && record.offset() >= expected
                && record.offset() < limit
                && Integer.compareUnsigned(record.writerEpoch(), lastEpoch) >= 0;
        if (good) {
          if (!run.continuesWith(record)) {
            run.endIn(runs);
          }
          run.add(record);
          expected = record.offset() + 1;
          lastEpoch = record.writerEpoch();
        }
      }
      run.endIn(runs);
      if (base.isEmpty() && walk.sealed() && footer.isPresent()) {
        base = OptionalLong.of(footer.get().lastTime() - sealTime);
      }
    }
    return new Content(runs, lastEpoch, base);
  }

  private void refuseUnknown(SegmentScanner record) {
    if (record.type() == null || record.flags() != 0) {
      throw new FormatVersionException(
          ("%s, position %d: a record of a type or with flags that this version does not know; "
                  + "salvage the topic with a newer Holdfast")
              .formatted(file, record.position()));
    }
  }

  /** The run that is being read. */
  private static final class RunBuilder {
    private final SalvageSource source;
    private int position = SegmentLayout.DATA;
    private int next;
    private long firstOffset;
    private long endOffset = -1;
    private int firstEpoch;
    private int lastEpoch;
    private long firstTime;
    private long lastTime;

    RunBuilder(SalvageSource source) {
      this.source = source;
    }

    boolean continuesWith(SegmentScanner record) {
      return record.offset() == endOffset && record.position() == next;
    }

    void add(SegmentScanner record) {
      if (endOffset < 0) {
        position = record.position();
        firstOffset = record.offset();
        firstEpoch = record.writerEpoch();
        firstTime = record.time();
      }
      next = record.nextPosition();
      endOffset = record.offset() + 1;
      lastEpoch = record.writerEpoch();
      lastTime = record.time();
    }

    void endIn(List<Run> runs) {
      if (endOffset >= 0) {
        runs.add(
            new Run(
                source,
                position,
                firstOffset,
                endOffset,
                next - position,
                firstEpoch,
                lastEpoch,
                firstTime,
                lastTime));
        endOffset = -1;
      }
    }
  }
}
