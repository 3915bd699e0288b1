package io.holdfast.storage.check;

import io.holdfast.storage.error.FormatVersionException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;

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

  private TopicVerifier(TopicView topic, boolean live) {
    this.topic = topic;
    this.live = live;
    ControlSlot.Topic known = topic.store().known(topic);
    this.tally =
        new TopicTally(topic.name(), known.durableOffset(), known.firstSegment() == 1);
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
    SortedMap<Long, Path> all = topic.segments();
    long number = Math.max(1, topic.store().known(topic).firstSegment());
    for (Path stray : all.headMap(number).values()) {
      tally.add(
          Finding.note(
              stray,
              0,
              "expected no segment before number " + number + ", found this one",
              "nothing to do: the store does not read it"));
    }
    SortedMap<Long, Path> files = all.tailMap(number);
    if (files.isEmpty()) {
      missing(number, "expected the segment, found no such file");
    }
    Path last = SegmentFiles.log(topic.directory(), number);
    long end = 0;
    long bytes = 0;
    long lastUsed = lastUsed(files);
    for (Map.Entry<Long, Path> entry : files.entrySet()) {
      if (entry.getKey() != number) {
        missing(number, "expected the segment, found no such file but later ones");
      }
      number = entry.getKey() + 1;
      boolean isLast = entry.getKey() >= lastUsed;
      SegmentVerifier.Result result = verify(entry.getKey(), entry.getValue(), isLast, last, end);
      bytes += result.size();
      if (!result.unused()) {
        last = entry.getValue();
        end = result.end();
      }
    }
    return tally.report(files.size(), bytes, live, last, end);
  }

  /** The last segment but one that was named ahead and holds nothing yet. */
  private static long lastUsed(SortedMap<Long, Path> files) {
    if (files.size() < 2) {
      return 0;
    }
    try (SegmentScanner scanner = SegmentScanner.open(files.get(files.lastKey()))) {
      boolean unused = scanner.begin().isEmpty() && scanner.problem().isEmpty();
      return files.lastKey() - (unused ? 1 : 0);
    } catch (FormatVersionException e) {
      return files.lastKey(); // the check of that segment says what is wrong
    }
  }

  private void missing(long number, String problem) {
    tally.fault(SegmentFiles.log(topic.directory(), number), 0, 0, problem);
  }

  private SegmentVerifier.Result verify(
      long number, Path file, boolean isLast, Path previous, long previousEnd) {
    try {
      SegmentVerifier verifier =
          new SegmentVerifier(topic, tally, number, file, isLast, live);
      return verifier.run(previous, previousEnd);
    } catch (FormatVersionException e) {
      tally.fault(file, 0, 0, e.getMessage());
      tally.refuse();
      return new SegmentVerifier.Result(0, 0);
    }
  }
}
