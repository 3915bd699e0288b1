package io.holdfast.storage.check;

import io.holdfast.storage.error.FormatVersionException;
import io.holdfast.storage.error.SegmentDroppedException;
import io.holdfast.storage.format.SegmentLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The check of one topic: every segment, every record, every index entry. It goes on behind each
 * fault, changes nothing, and holds less than ten megabytes.
 */
public final class TopicVerifier {
  /** A hopeless topic has more faults than anybody reads; those beyond are counted. */
  public static final int MAX_FINDINGS = 10_000;

  private final TopicView topic;
  private final boolean live;
  private final TopicTally tally;
  private long number = 1; // of the segment that comes next, and the files from that one on
  private SortedMap<Long, Path> files;
  private long lastUsed;
  private Path last; // the segment that was read before, where it ends, and what was read so far
  private long end;
  private int segments;
  private long bytes;
  private boolean noted;

  private TopicVerifier(TopicView topic, boolean live) {
    this.topic = topic;
    this.live = live;
    list();
    long durable = topic.store().known(topic).durableOffset();
    this.tally = new TopicTally(topic.name(), durable, number == 1);
  }

  /**
   * Checks a topic.
   *
   * @param topic what to check
   * @param live whether a process has the store open: what a crash may leave is then damage, and
   *     what a writer has in hand is passed over
   * @return what was found
   */
  public static TopicReport verify(TopicView topic, boolean live) {
    return new TopicVerifier(topic, live).run();
  }

  private TopicReport run() {
    topic
        .problem()
        .ifPresent(
            problem ->
                tally.add(
                    Finding.damage(
                        TopicView.file(topic.directory()),
                        0,
                        problem,
                        "restore the file from a backup")));
    Path salvage = SegmentFiles.salvagePlan(topic.directory());
    if (Files.exists(salvage, LinkOption.NOFOLLOW_LINKS)) {
      tally.add(
          Finding.damage(
              salvage,
              0,
              "its salvage was interrupted, and some files have no or not yet their place",
              "run the salvage again, which finishes it; the topic stays shut until then"));
    }
    noteLeftovers();
    last = SegmentFiles.log(topic.directory(), number);
    if (files.isEmpty()) {
      missing(number, "expected the segment, found no such file");
    }
    while (!files.isEmpty()) {
      if (files.firstKey() != number && !isDropped(number)) {
        missing(number, "expected the segment, found no such file but later ones");
        number = files.firstKey();
      }
      if (!files.isEmpty()) {
        verifyFirst();
      }
    }
    return tally.report(segments, bytes, live, last, end);
  }

  /** What a process that was killed did not delete. */
  private void noteLeftovers() {
    SortedMap<Long, Path> below = topic.segments().headMap(number);
    if (!live && !below.isEmpty()) {
      tally.add(
          Finding.note(
              below.get(below.firstKey()),
              0,
              "segments before number %d were dropped, and %d of their files are still there"
                  .formatted(number, below.size()),
              "nothing to do: nobody reads them, and the next opening deletes them"));
    }
  }

  /** Lists the files again; what is missing may have been dropped since it was done before. */
  private boolean isDropped(long missing) {
    if (live) {
      list();
    }
    boolean dropped = number > missing;
    if (dropped) {
      noteDropped(SegmentFiles.log(topic.directory(), missing));
    }
    return dropped || !files.isEmpty() && files.firstKey() == missing;
  }

  private void list() {
    TopicView.Kept kept = topic.kept();
    number = Math.max(number, kept.first());
    files = new TreeMap<>(kept.files().tailMap(number));
    lastUsed = lastUsed(files);
  }

  private void verifyFirst() {
    Path file = files.remove(number);
    long here = number++;
    try {
      verifyNext(here, file, here >= lastUsed);
    } catch (SegmentDroppedException e) {
      if (!live) {
        throw e;
      }
      noteDropped(file);
      list();
    }
  }

  private void verifyNext(long number, Path file, boolean isLast) {
    SegmentVerifier.Result result = verify(number, file, isLast);
    segments++;
    bytes += result.size();
    if (!result.unused()) {
      last = file;
      end = result.end();
    }
    if (live && isLast && result.open()) {
      files.clear(); // the end at that moment; what is begun after it is none of this check's
    }
  }

  /** The process that has the store open did that: nothing is wrong. */
  private void noteDropped(Path file) {
    tally.dropped();
    last = file;
    end = SegmentLayout.DATA;
    if (!noted) {
      noted = true;
      tally.add(
          Finding.note(
              file,
              0,
              "the segment was dropped while it was read",
              "nothing to do: the process that has the store open keeps later segments only"));
    }
  }

  /** The last segment but those that were named ahead and hold nothing yet. */
  private static long lastUsed(SortedMap<Long, Path> files) {
    SortedMap<Long, Path> used = new TreeMap<>(files);
    while (used.size() > 1 && isUnused(used.get(used.lastKey()))) {
      used.remove(used.lastKey());
    }
    return used.isEmpty() ? 0 : used.lastKey();
  }

  private static boolean isUnused(Path file) {
    try (SegmentScanner scanner = SegmentScanner.open(file)) {
      return scanner.begin().isEmpty() && scanner.problem().isEmpty();
    } catch (FormatVersionException | SegmentDroppedException e) {
      return false; // the check of that segment says what is wrong
    }
  }

  private void missing(long number, String problem) {
    tally.fault(SegmentFiles.log(topic.directory(), number), 0, 0, problem);
  }

  private SegmentVerifier.Result verify(long number, Path file, boolean isLast) {
    try {
      SegmentVerifier verifier =
          new SegmentVerifier(topic, tally, number, file, isLast, live);
      return verifier.run(last, end);
    } catch (FormatVersionException e) {
      tally.fault(file, 0, 0, e.getMessage());
      tally.refuse();
      return new SegmentVerifier.Result(0, 0);
    }
  }
}
