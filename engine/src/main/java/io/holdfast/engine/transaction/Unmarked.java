package io.holdfast.engine.transaction;

import io.holdfast.engine.group.Commits;
import io.holdfast.storage.TopicLog;
import java.util.List;
import java.util.Map;

/** A transaction whose record is written, and that no mark has passed yet. */
public final class Unmarked {
  private final long offset;
  private final int bytes;
  private final Map<TopicLog, Long> targets;
  private final List<Commits> groups;
  private boolean complete; // guarded by the journal's lock
  private TransactionRecord held; // what is left to be done, or null; guarded by the same

  Unmarked(long offset, int bytes, Map<TopicLog, Long> targets, List<Commits> groups) {
    this.offset = offset;
    this.bytes = bytes;
    this.targets = targets;
    this.groups = groups;
  }

  /**
   * Where its record stands.
   *
   * @return offset in the log of transactions
   */
  public long offset() {
    return offset;
  }

  int bytes() {
    return bytes;
  }

  /** Topics, and the offset that no message of it stands below. */
  Map<TopicLog, Long> targets() {
    return targets;
  }

  /**
   * A topic that it sends to.
   *
   * @param number of the topic
   * @return null for one that was not open when its record was read
   */
  public TopicLog topic(int number) {
    return targets.keySet().stream()
        .filter(topic -> topic.number() == number)
        .findAny()
        .orElse(null);
  }

  List<Commits> groups() {
    return groups;
  }

  boolean isComplete() {
    return complete;
  }

  void complete() {
    complete = true;
    held = null;
  }

  TransactionRecord held() {
    return held;
  }

  void hold(TransactionRecord left) {
    held = left;
  }
}
