package io.holdfast.storage;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a salvage has decided to do with the files of a topic. It is written once the new segments
 * are on the device; from then on the salvage can only be finished. Immutable.
 *
 * @param quarantine name of the directory in {@code quarantine/} that takes the damaged files
 * @param aside numbers of the files that go there
 * @param unused numbers of the files that were named ahead, and go
 * @param moved new number by old number of the segments that stay and get another
 * @param made numbers of the new segments
 * @param gaps the offsets that are lost
 * @param copied messages in the new segments
 * @param timesEstimated see {@link SalvageReport}
 */
record SalvagePlan(
    String quarantine,
    SortedMap<Long, Long> aside,
    SortedMap<Long, Long> unused,
    SortedMap<Long, Long> moved,
    SortedMap<Long, Long> made,
    List<SalvageReport.Gap> gaps,
    long copied,
    boolean timesEstimated) {

  /** More segments no topic has: each has 64 KiB at least. A plan must not ask for more memory. */
  private static final int MOST_NUMBERS = 1_000_000;

  private static final String RANGE = "[0-9]{1,10}-[0-9]{1,10}";

  /** Whether a salvage of the topic in this directory was begun and not finished. */
  static boolean exists(Path topic) {
    return DurableFiles.exists(SegmentFiles.salvagePlan(topic));
  }

  /** Replaces the file, durably. */
  void write(Path topic) {
    SortedMap<String, String> lines = new TreeMap<>();
    lines.put("quarantine", quarantine);
    lines.put("copied", Long.toString(copied));
    lines.put("timesEstimated", Boolean.toString(timesEstimated));
    put(lines, "aside", aside);
    put(lines, "unused", unused);
    put(lines, "moved", moved);
    put(lines, "made", made);
    for (SalvageReport.Gap gap : gaps) {
      lines.put("gap.%019d".formatted(gap.from()), Long.toString(gap.to()));
    }
    PropertiesFile.write(SegmentFiles.salvagePlan(topic), lines);
  }

  /** One line for numbers that follow each other and move by the same step. */
  private static void put(
      SortedMap<String, String> lines, String kind, SortedMap<Long, Long> numbers) {
    long from = 0;
    long to = -1;
    long step = 0;
    for (Map.Entry<Long, Long> entry : numbers.entrySet()) {
      boolean follows = entry.getKey() == to + 1 && entry.getValue() - entry.getKey() == step;
      if (!follows) {
        from = entry.getKey();
        step = entry.getValue() - from;
      }
      to = entry.getKey();
      lines.put("%s.%d".formatted(kind, from), "%d-%d+%d".formatted(from, to, step));
    }
  }

  /** Reads the file, which exists. */
  static SalvagePlan read(Path topic) {
    Path file = SegmentFiles.salvagePlan(topic);
    SortedMap<String, String> lines = PropertiesFile.read(file);
    String quarantine = PropertiesFile.require(file, lines, "quarantine");
    if (!quarantine.matches("[A-Za-z0-9._-]{1,200}") || quarantine.startsWith(".")) {
      throw new DamagedStoreException(file + ": expected the name of a directory, found another");
    }
    try {
      return new SalvagePlan(
          quarantine,
          numbers(file, lines, "aside"),
          numbers(file, lines, "unused"),
          numbers(file, lines, "moved"),
          numbers(file, lines, "made"),
          gaps(lines),
          Long.parseLong(PropertiesFile.require(file, lines, "copied")),
          Boolean.parseBoolean(PropertiesFile.require(file, lines, "timesEstimated")));
    } catch (NumberFormatException e) {
      throw new DamagedStoreException(
          file + ": expected a number: " + e.getMessage() + "; restore the topic from a backup", e);
    }
  }

  private static List<SalvageReport.Gap> gaps(SortedMap<String, String> lines) {
    List<SalvageReport.Gap> gaps = new ArrayList<>();
    lines
        .subMap("gap.", "gap/")
        .forEach(
            (key, to) ->
                gaps.add(
                    new SalvageReport.Gap(
                        Long.parseLong(key.substring("gap.".length())), Long.parseLong(to))));
    return gaps;
  }

  private static SortedMap<Long, Long> numbers(
      Path file, SortedMap<String, String> lines, String kind) {
    SortedMap<Long, Long> numbers = new TreeMap<>();
    for (String value : lines.subMap(kind + ".", kind + "/").values()) {
      if (!value.matches(RANGE + "\\+[0-9]{1,10}")) {
        throw new DamagedStoreException(file + ": expected numbers, found '" + value + "'");
      }
      String[] parts = value.split("[-+]");
      long from = Long.parseLong(parts[0]);
      long to = Long.parseLong(parts[1]);
      long step = Long.parseLong(parts[2]);
      if (to - from >= MOST_NUMBERS - numbers.size()) {
        throw new DamagedStoreException(
            "%s: expected at most %d segments, found '%s'".formatted(file, MOST_NUMBERS, value));
      }
      for (long number = from; number <= to; number++) {
        numbers.put(number, number + step);
      }
    }
    return numbers;
  }
}
