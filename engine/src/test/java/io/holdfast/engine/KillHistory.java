package io.holdfast.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was confirmed outside the store, and what of it a store does not hold to. It judges lines,
 * so that it can be tested without a store: {@code SENT offset text}, {@code GOT offset attempt
 * text}, {@code ACKED offset}, {@code FAILED error}.
 */
final class KillHistory {
  private final Map<Long, String> sent = new HashMap<>();
  private final Set<Long> acked = new HashSet<>();
  private final Map<Long, Integer> attempts = new HashMap<>();
  private final Map<Long, String> delivered = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  void line(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "SENT" -> sent(Long.parseLong(words[1]), words[2]);
      case "GOT" -> got(Long.parseLong(words[1]), Integer.parseInt(words[2]), words[3]);
      case "ACKED" -> acked.add(Long.parseLong(words[1]));
      case "FAILED" -> violations.add(line);
      default -> {
        // READY, or the beginning of a line whose writer was killed
      }
    }
  }

  private void sent(long offset, String text) {
    String before = sent.put(offset, text);
    if (before != null && !before.equals(text)) {
      violations.add("offset " + offset + " confirmed twice: " + before + " and " + text);
    }
  }

  private void got(long offset, int attempt, String text) {
    if (acked.contains(offset)) {
      violations.add("offset " + offset + " came again after its ack");
    }
    int before = attempts.getOrDefault(offset, 0);
    if (attempt <= before) {
      violations.add(
          "offset " + offset + ": attempt " + attempt + " after attempt " + before);
    }
    attempts.put(offset, attempt);
    String other = delivered.put(offset, text);
    if (other != null && !other.equals(text)) {
      violations.add("offset " + offset + " held " + other + ", then " + text);
    }
  }

  /**
   * Compares with what the store holds in the end.
   *
   * @param log text of each offset, in order from 0
   * @return everything that is not as it was confirmed
   */
  List<String> judge(List<String> log) {
    List<String> found = new ArrayList<>(violations);
    sent.forEach(
        (offset, text) -> {
          if (offset >= log.size()) {
            found.add("lost: offset " + offset + " (" + text + ")");
          } else if (!log.get((int) (long) offset).equals(text)) {
            found.add("offset " + offset + ": confirmed " + text + ", holds "
                + log.get((int) (long) offset));
          }
        });
    Map<String, Integer> last = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (String text : log) {
      if (!seen.add(text)) {
        found.add("doubled: " + text);
      }
      int dash = text.lastIndexOf('-');
      int number = Integer.parseInt(text.substring(dash + 1));
      Integer before = last.put(text.substring(0, dash), number);
      if (number != (before == null ? 0 : before + 1)) {
        found.add("reordered or skipped: " + text + " after " + before);
      }
    }
    return found;
  }

  int confirmed() {
    return sent.size();
  }

  int acknowledged() {
    return acked.size();
  }

  boolean isAcked(long offset) {
    return acked.contains(offset);
  }
}
