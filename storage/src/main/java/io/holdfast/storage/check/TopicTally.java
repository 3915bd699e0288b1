package io.holdfast.storage.check;

import io.holdfast.storage.check.Finding.Severity;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How far the check of a topic has come: the offset that is expected next, what had been forced,
 * and the faults. A fault stays open until the next whole record tells which offsets are missing.
 */
final class TopicTally {
  private final String topic;
  private final List<Entry> entries = new ArrayList<>();
  private Entry open;
  private long unlisted;
  private boolean damage;
  private boolean refused;

  private long firstOffset = -1;
  private long expected;
  private boolean sealed = true; // the segment before; true before the first
  private long goodEnd = -1;
  private long durable;
  private int epoch;
  private long records;

  TopicTally(String topic, long durable, boolean fromTheBeginning) {
    this.topic = topic;
    this.durable = durable;
    this.expected = fromTheBeginning ? 0 : -1;
  }

  /** A finding, or a fault of the sequence whose weight is known at the end only. */
  private static final class Entry {
    final Finding fixed; // or null
    final Path file;
    final long from;
    final String problem;
    long offset;
    long to;
    long endOffset;

    Entry(Finding fixed) {
      this.fixed = fixed;
      this.file = fixed.file();
      this.from = 0;
      this.problem = "";
    }

    Entry(Path file, long from, long to, long offset, String problem) {
      this.fixed = null;
      this.file = file;
      this.from = from;
      this.to = to;
      this.offset = offset;
      this.problem = problem;
    }
  }

  long expected() {
    return Math.max(0, expected);
  }

  /** Whether what stands before this is missing or could not be read. */
  boolean inFault() {
    return open != null;
  }

  int epoch() {
    return epoch;
  }

  void proven(long durableOffset) {
    durable = Math.max(durable, durableOffset);
  }

  /** From here on recovery would not follow. */
  void endPrefix() {
    if (goodEnd < 0) {
      goodEnd = expected();
    }
  }

  /** A newer version wrote this: no opening of ours may cut it. */
  void refuse() {
    refused = true;
  }

  /** Opens a fault of the sequence, or lengthens the one that is open in this file. */
  void fault(Path file, long from, long to, String problem) {
    endPrefix();
    if (open != null && open.file.equals(file)) {
      open.to = Math.max(open.to, to);
      return;
    }
    close(expected());
    open = new Entry(file, from, to, expected(), problem);
    add(open);
  }

  /** A whole record or segment with this offset comes next: what lies before it is missing. */
  void arrive(long offset, Path blamed, long position, String problem) {
    if (expected >= 0 && offset != expected && open == null) {
      fault(blamed, position, position, problem);
    }
    if (expected < 0 && open != null) {
      open.offset = offset; // where the topic begins is not known: nothing can be said to lack
    }
    close(Math.max(offset, expected()));
    expected = offset;
    if (firstOffset < 0) {
      firstOffset = offset;
    }
  }

  /**
   * A segment that a salvage began comes next. It does so behind a sealed segment only, so that
   * what a segment loses at its end is not taken for what was lost before.
   */
  void gap(long offset, Path file) {
    if (open != null || expected < 0 || offset <= expected || !sealed) {
      return;
    }
    add(
        new Finding(
            Severity.NOTE,
            file,
            SegmentLayout.DATA,
            SegmentLayout.DATA,
            expected,
            offset,
            "offsets %d to %d are missing: salvaged".formatted(expected, offset - 1),
            "nothing to do: they were lost before, and readers and groups are told so"));
    expected = offset;
  }

  /** Whether the segment that comes to its end was sealed. */
  void sealed(boolean now) {
    sealed = now;
  }

  /** The segment was dropped while it was read: the next one may begin at any later offset. */
  void dropped() {
    close(expected());
    expected = -1;
    firstOffset = -1;
    sealed = true;
  }

  /** Counts the message that was expected. */
  void message(int writerEpoch) {
    expected++;
    records++;
    epoch(writerEpoch);
  }

  void epoch(int writerEpoch) {
    if (Integer.compareUnsigned(writerEpoch, epoch) > 0) {
      epoch = writerEpoch;
    }
  }

  void add(Finding finding) {
    damage |= finding.severity() == Severity.DAMAGE;
    add(new Entry(finding));
  }

  private void add(Entry entry) {
    if (entries.size() < TopicVerifier.MAX_FINDINGS) {
      entries.add(entry);
    } else {
      unlisted++;
    }
  }

  private void close(long offset) {
    if (open != null) {
      open.endOffset = Math.max(offset, open.offset);
      open = null;
    }
  }

  /**
   * Weighs the faults as recovery does, or harder: in a live store nothing may be torn.
   *
   * @param last where the topic ends
   */
  TopicReport report(int segments, long bytes, boolean live, Path last, long end) {
    if (expected() < durable && open == null) {
      fault(
          last,
          end,
          end,
          "expected records up to offset %d, which had been forced, found the end"
              .formatted(durable));
    }
    close(Math.max(expected(), durable));
    boolean broken = goodEnd >= 0;
    boolean lost = broken && (live || refused || goodEnd < durable || segments == 0);
    List<Finding> findings = new ArrayList<>();
    for (Entry entry : entries) {
      findings.add(entry.fixed != null ? entry.fixed : weighed(entry, lost));
    }
    TopicReport.State state =
        damage || lost
            ? TopicReport.State.DAMAGED
            : broken ? TopicReport.State.TORN_TAIL : TopicReport.State.OK;
    return new TopicReport(
        topic,
        state,
        segments,
        Math.max(0, firstOffset),
        broken ? goodEnd : expected(),
        expected(),
        durable,
        records,
        bytes,
        findings,
        unlisted);
  }

  private Finding weighed(Entry entry, boolean lost) {
    return new Finding(
        lost ? Severity.DAMAGE : Severity.TORN_TAIL,
        entry.file,
        entry.from,
        entry.to,
        entry.offset,
        entry.endOffset,
        entry.problem,
        help(entry, lost));
  }

  private String help(Entry entry, boolean lost) {
    if (refused) {
      return "verify it with a newer Holdfast: what this one does not know it cannot judge";
    }
    if (lost) {
      return ("restore the topic from a backup, or save what is whole with 'holdfast repair'; "
              + "'holdfast dump <dir> --topic %s --from %d' shows what stands behind")
          .formatted(topic, entry.endOffset);
    }
    return "nothing to do: the next opening ends the topic at offset %d and keeps what"
            .formatted(goodEnd)
        + " stands behind in quarantine/";
  }
}
