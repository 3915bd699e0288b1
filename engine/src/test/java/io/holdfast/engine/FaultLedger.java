package io.holdfast.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an engine was asked about one topic and what it answered: so what must be there, what may
 * be, and what must not. Thread-safe: a snapshot may be taken at any moment.
 */
final class FaultLedger {
  private static final String NEVER = "";

  private final String topic;
  private final boolean powerLoss;
  private final Map<String, Long> confirmed = new HashMap<>(); // to offset; all guarded by this
  private final Set<String> tried = new HashSet<>();
  private final Map<String, String> refused = new HashMap<>(); // text to error
  private final Map<Long, Integer> attempts = new HashMap<>();
  private final Map<Long, Integer> failures = new HashMap<>();
  private final Set<Long> mayBeAcked = new HashSet<>();
  private final Set<Long> acked = new HashSet<>();
  private final Set<Long> mayDie = new HashSet<>();
  private final Set<Long> dead = new HashSet<>();
  private long mayBegin;

  /** What a topic is held to: everything, or what survives a power cut. */
  FaultLedger(String topic, boolean powerLoss) {
    this.topic = topic;
    this.powerLoss = powerLoss;
  }

  String topic() {
    return topic;
  }

  boolean powerLoss() {
    return powerLoss;
  }

  synchronized FaultLedger snapshot() {
    FaultLedger copy = new FaultLedger(topic, powerLoss);
    copy.confirmed.putAll(confirmed);
    copy.tried.addAll(tried);
    copy.refused.putAll(refused);
    copy.mayBeAcked.addAll(mayBeAcked);
    copy.acked.addAll(acked);
    copy.mayDie.addAll(mayDie);
    copy.dead.addAll(dead);
    copy.mayBegin = mayBegin;
    return copy;
  }

  /** The text of the next message, which is about to be sent. */
  synchronized String next() {
    String text = topic + "-" + tried.size();
    tried.add(text);
    return text;
  }

  synchronized void confirmed(String text, long offset) {
    confirmed.put(text, offset);
  }

  /** A send failed so that nothing was written. */
  synchronized void refused(String text, Throwable error) {
    refused.put(text, error.toString());
  }

  /** A delivery; says what is wrong with it, or nothing. */
  synchronized String delivered(long offset, int attempt, String text) {
    String wrong = NEVER;
    if (!tried.contains(text) || confirmed.getOrDefault(text, offset) != offset) {
      wrong = "phantom: " + text + " at " + offset;
    } else if (acked.contains(offset) || dead.contains(offset)) {
      wrong = "redelivered after its end: " + text + " at " + offset;
    } else if (attempt <= attempts.getOrDefault(offset, 0)) {
      wrong = "attempt " + attempt + " of " + text + " after " + attempts.get(offset);
    }
    attempts.put(offset, attempt);
    return wrong;
  }

  synchronized void acking(long offset) {
    mayBeAcked.add(offset);
  }

  synchronized void acked(long offset) {
    acked.add(offset);
  }

  /**
   * A message is about to fail; whether it may be for the last time. The death of the process may
   * count as one failure more.
   */
  synchronized void failing(long offset, boolean last) {
    if (last || failures.getOrDefault(offset, 0) + 2 >= FaultScript.MAX_ATTEMPTS) {
      mayDie.add(offset);
    }
  }

  synchronized void failed(long offset, boolean last) {
    int count = failures.merge(offset, 1, Integer::sum);
    if (last || count >= FaultScript.MAX_ATTEMPTS) {
      dead.add(offset);
    }
  }

  synchronized void dropping(long offset) {
    mayBegin = Math.max(mayBegin, offset);
  }

  synchronized int confirmedCount() {
    return confirmed.size();
  }

  synchronized int ackedCount() {
    return acked.size();
  }

  synchronized int deadCount() {
    return dead.size();
  }

  /**
   * What a store holds of the topic when it is opened again.
   *
   * @param log text of each offset, from the first on
   * @param first the first offset
   * @param end of the topic when it was opened
   * @param drained offsets that the group got until nothing was left
   * @param letters offsets of the messages of the dead letters
   */
  record Found(List<String> log, long first, long end, List<Long> drained, List<Long> letters) {}

  /**
   * Compares.
   *
   * @param found what is there
   * @param whole whether nothing was lost but the process
   * @return everything that is not as it was answered
   */
  synchronized List<String> judge(Found found, boolean whole) {
    List<String> wrong = new ArrayList<>();
    judgeLog(found, whole || powerLoss, wrong);
    if (!found.drained().isEmpty() || !found.letters().isEmpty()) {
      judgeGroup(found, whole, wrong);
    }
    return wrong;
  }

  private void judgeLog(Found found, boolean promised, List<String> wrong) {
    if (found.first() > mayBegin) {
      wrong.add(topic + " begins at " + found.first() + ", dropped below " + mayBegin);
    }
    if (promised) {
      confirmed.forEach(
          (text, offset) -> {
            long index = offset - found.first();
            if (index >= found.log().size()) {
              wrong.add("lost: " + text + " at " + offset);
            } else if (index >= 0 && !found.log().get((int) index).equals(text)) {
              wrong.add(text + " at " + offset + " is now " + found.log().get((int) index));
            }
          });
    }
    int last = -1;
    for (String text : found.log()) {
      int number = Integer.parseInt(text.substring(text.lastIndexOf('-') + 1));
      if (!tried.contains(text)) {
        wrong.add("phantom: " + text);
      }
      if (refused.containsKey(text)) {
        wrong.add("there although it was refused with " + refused.get(text) + ": " + text);
      }
      if (number <= last) {
        wrong.add("doubled or reordered: " + text + " after " + last);
      }
      last = number;
    }
  }

  private void judgeGroup(Found found, boolean whole, List<String> wrong) {
    Set<Long> drained = new HashSet<>();
    for (long offset : found.drained()) {
      if (!drained.add(offset)) {
        wrong.add("delivered twice: " + topic + " " + offset);
      }
      if (whole && (acked.contains(offset) || dead.contains(offset))) {
        wrong.add("redelivered after its end: " + topic + " " + offset);
      }
    }
    Set<Long> letters = new HashSet<>();
    for (long offset : found.letters()) {
      boolean twice = !letters.add(offset) || drained.contains(offset);
      if (twice && (whole || powerLoss)) {
        wrong.add("two letters, or one and a delivery: " + topic + " " + offset);
      }
      if (!mayDie.contains(offset)) {
        wrong.add("a letter of what did not die: " + topic + " " + offset);
      }
    }
    for (long offset = found.first(); offset < found.first() + found.log().size(); offset++) {
      boolean gone = offset < found.end() && mayBeAcked.contains(offset);
      boolean letterLost = !whole && !powerLoss && mayDie.contains(offset);
      if (!gone && !letterLost && !drained.contains(offset) && !letters.contains(offset)) {
        wrong.add("skipped: " + topic + " " + offset + " (" + found.end() + ")");
      }
      if (whole && dead.contains(offset) && !letters.contains(offset)) {
        wrong.add("without its letter: " + topic + " " + offset);
      }
    }
  }
}
