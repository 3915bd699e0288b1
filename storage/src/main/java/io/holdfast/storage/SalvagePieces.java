package io.holdfast.storage;

import io.holdfast.storage.check.SegmentBegin;
import io.holdfast.storage.check.SegmentFooter;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.format.RecordLayout;
import io.holdfast.storage.format.SegmentLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The segments that a salvaged topic will have, in order: those without a fault as they are, and
 * new ones with the whole messages of the others. Where offsets are missing, a new segment begins
 * whose flag says so; without a message, when one that stays comes next, or the end.
 *
 * <p>Segments that stay keep their numbers where that is possible: where fewer new ones come before
 * them than there were, some without a message fill up; where more come, the number is raised.
 */
final class SalvagePieces {
  /** A topic with more runs of whole messages than that is beyond this kind of help. */
  private static final int MAX_PIECES = 10_000;

  private final int topic;
  private final long now;
  private final List<Piece> pieces = new ArrayList<>();
  private long number;
  private long expected;
  private int epoch;
  private long time = Long.MIN_VALUE;
  private boolean timesEstimated;
  private final List<SalvageReport.Gap> gaps = new ArrayList<>();

  private SalvagePieces(int topic, long firstNumber, long now) {
    this.topic = topic;
    this.number = firstNumber;
    this.expected = firstNumber == 1 ? 0 : -1;
    this.now = now;
  }

  /**
   * One segment of the salvaged topic.
   *
   * @param number that it will have
   * @param kept the source that stays as it is; null for a new segment
   * @param run what a new segment holds; null for none
   * @param begin payload of a new segment's begin record
   * @param times how the times of its messages count from that
   * @param firstOffset of the segment
   * @param endOffset one past its last offset
   * @param epoch writer epoch of its begin record
   */
  record Piece(
      long number,
      SalvageSource kept,
      SalvageSource.Run run,
      byte[] begin,
      Times times,
      long firstOffset,
      long endOffset,
      int epoch) {}

  /**
   * How the times of messages count in a new segment. It must not begin before the last message of
   * the segment before, nor end after the first of the next one, for a search by time goes by that.
   *
   * @param shift what the base time was raised by, milliseconds
   * @param most no time may be higher
   */
  record Times(long shift, long most) {
    static final Times NONE = new Times(0, 0);

    int of(long time) {
      return (int) Math.max(0, Math.min(time - shift, most));
    }
  }

  /**
   * Plans.
   *
   * @param topic its number
   * @param sources in their order
   * @param whole those of them in which nothing is wrong
   * @param firstNumber lowest segment number that must be there
   * @param durableOffset everything below it had been forced: no later message may get such an
   *     offset again
   * @param now epoch milliseconds
   */
  static SalvagePieces of(
      int topic,
      List<SalvageSource> sources,
      Set<SalvageSource> whole,
      long firstNumber,
      long durableOffset,
      long now) {
    SalvagePieces plan = new SalvagePieces(topic, firstNumber, now);
    for (int i = 0; i < sources.size(); i++) {
      SalvageSource source = sources.get(i);
      if (whole.contains(source)) {
        plan.keep(source);
      } else if (source.usable()) {
        plan.copy(source, sources.subList(i + 1, sources.size()));
      }
    }
    if (plan.expected < durableOffset || plan.pieces.isEmpty()) {
      plan.beginBefore(durableOffset);
      plan.empty(Math.max(durableOffset, Math.max(0, plan.expected)));
    }
    plan.takeOutKnownGaps(sources);
    return plan;
  }

  /** What an earlier salvage found missing is not lost now. */
  private void takeOutKnownGaps(List<SalvageSource> sources) {
    for (int i = 1; i < sources.size(); i++) {
      SalvageSource source = sources.get(i);
      Optional<SegmentFooter> before = sources.get(i - 1).footer();
      if (source.gap() && source.firstOffset().isPresent() && before.isPresent()) {
        takeOut(before.get().endOffset(), source.firstOffset().getAsLong());
      }
    }
  }

  private void takeOut(long from, long to) {
    for (int i = gaps.size() - 1; i >= 0; i--) {
      SalvageReport.Gap gap = gaps.get(i);
      if (gap.from() <= from && to <= gap.to() && from < to) {
        gaps.remove(i);
        if (to < gap.to()) {
          gaps.add(i, new SalvageReport.Gap(to, gap.to()));
        }
        if (gap.from() < from) {
          gaps.add(i, new SalvageReport.Gap(gap.from(), from));
        }
        return;
      }
    }
  }

  private static long limit(List<SalvageSource> later) {
    long limit = Long.MAX_VALUE;
    for (SalvageSource source : later) {
      limit = Math.min(limit, source.firstOffset().orElse(Long.MAX_VALUE));
    }
    return limit;
  }

  private void keep(SalvageSource source) {
    long first = source.firstOffset().orElseThrow();
    beginBefore(first);
    if (expected >= 0 && first > expected && !source.gap()) {
      empty(first);
    }
    while (number < source.number()) {
      empty(first);
    }
    End end = End.of(source);
    int begun = source.beginEpoch();
    add(new Piece(number, source, null, null, Times.NONE, first, end.offset(), begun));
    expected = end.offset();
    epoch = end.epoch();
    time = end.time();
  }

  /** How a segment that stays ends; what its footer says was held against its records before. */
  private record End(long offset, int epoch, long time) {
    static End of(SalvageSource source) {
      SegmentBegin begin =
          SegmentBegin.read(source.beginPayload(), source.firstOffset().orElseThrow())
              .orElseThrow();
      if (source.footer().isPresent()) {
        SegmentFooter footer = source.footer().get();
        try (SegmentScanner scanner = SegmentScanner.open(source.file())) {
          scanner.seek(footer.endPosition() - RecordLayout.HEADER); // the seal
          int sealed = scanner.next() ? scanner.writerEpoch() : source.beginEpoch();
          return new End(footer.endOffset(), sealed, footer.lastTime());
        }
      }
      SalvageSource.Content all =
          source.read(begin.firstOffset(), Long.MAX_VALUE, source.beginEpoch());
      long end = begin.firstOffset();
      long last = begin.baseTime();
      for (SalvageSource.Run run : all.runs()) {
        end = run.endOffset();
        last = begin.baseTime() + run.lastTime();
      }
      return new End(end, all.lastEpoch(), last);
    }
  }

  private void copy(SalvageSource source, List<SalvageSource> later) {
    SalvageSource.Content content = source.read(Math.max(0, expected), limit(later), epoch);
    boolean known = content.baseTime().isPresent();
    long latest = known ? Long.MAX_VALUE : nextBase(later);
    long base = content.baseTime().orElse(0);
    if (!known && !content.runs().isEmpty()) {
      timesEstimated = true;
      long before = Math.min(time == Long.MIN_VALUE ? now : time, latest);
      base = before - content.runs().get(0).firstTime();
    }
    for (SalvageSource.Run run : content.runs()) {
      beginBefore(run.firstOffset());
      boolean gap = expected >= 0 ? run.firstOffset() > expected : source.gap();
      boolean asItWas = known && run == content.runs().get(0);
      long shift = asItWas ? 0 : run.firstTime();
      long from = Math.min(base + shift, latest);
      Times times = new Times(shift, known ? 0xFFFF_FFFFL : Math.min(latest - from, 1L << 31));
      byte[] begin =
          new SegmentBegin(topic, number, run.firstOffset(), from, gap ? SegmentBegin.GAP : 0)
              .payload();
      add(
          new Piece(
              number,
              null,
              run,
              isFirst(run, content) ? withProducers(begin, source.beginPayload()) : begin,
              times,
              run.firstOffset(),
              run.endOffset(),
              run.firstEpoch()));
      expected = run.endOffset();
      epoch = run.lastEpoch();
      time = from + (times.of(run.lastTime()) & 0xFFFF_FFFFL);
    }
  }

  private static long nextBase(List<SalvageSource> later) {
    long next = Long.MAX_VALUE;
    for (SalvageSource source : later) {
      next = Math.min(next, source.baseTime().orElse(Long.MAX_VALUE));
    }
    return next;
  }

  /** The table of the source does not tell of its own messages, so it stays before all of them. */
  private static boolean isFirst(SalvageSource.Run run, SalvageSource.Content content) {
    return run == content.runs().get(0);
  }

  /** The table of producer sequences stays: what was lost behind it can only have raised them. */
  private static byte[] withProducers(byte[] begin, byte[] source) {
    if (source == null || source.length < begin.length) {
      return begin; // none is known; one that is too short was written by another program
    }
    byte[] all = source.clone();
    System.arraycopy(begin, 0, all, 0, SegmentLayout.BEGIN_PRODUCERS);
    return all;
  }

  /** Readers of a topic that begins with a gap find a segment before that as well. */
  private void beginBefore(long offset) {
    if (pieces.isEmpty() && expected >= 0 && offset > expected) {
      empty(expected);
    }
  }

  /** A segment without a message that begins at an offset; behind a gap, if that is higher. */
  private void empty(long offset) {
    int flags = expected >= 0 && offset > expected ? SegmentBegin.GAP : 0;
    long base = time == Long.MIN_VALUE ? 0 : time;
    byte[] begin = new SegmentBegin(topic, number, offset, base, flags).payload();
    add(new Piece(number, null, null, begin, Times.NONE, offset, offset, epoch));
    expected = offset;
  }

  private void add(Piece piece) {
    if (pieces.size() == MAX_PIECES) {
      throw new DamagedTopicException(
          ("expected at most %d runs of whole messages, found more: restore the topic from a "
                  + "backup (nothing was changed)")
              .formatted(MAX_PIECES));
    }
    if (piece.kept() == null && expected >= 0 && piece.firstOffset() > expected) {
      gaps.add(new SalvageReport.Gap(expected, piece.firstOffset()));
    }
    pieces.add(piece);
    number++;
  }

  /** The segments, ascending. */
  List<Piece> pieces() {
    return List.copyOf(pieces);
  }

  /** The offsets that are missing now and were not before, ascending. */
  List<SalvageReport.Gap> gaps() {
    return List.copyOf(gaps);
  }

  /** The offset that the next message gets. */
  long endOffset() {
    return expected;
  }

  /** Whether the time of some messages had to be guessed. */
  boolean timesEstimated() {
    return timesEstimated;
  }
}
