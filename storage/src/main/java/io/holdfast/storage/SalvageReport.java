package io.holdfast.storage;

import java.nio.file.Path;
import java.util.List;

/**
 * What a salvage did to one topic, or would do.
 *
 * @param topic its name
 * @param outcome in one word
 * @param firstOffset oldest offset that the topic keeps
 * @param endOffset the offset that its next message gets; never one that was promised before
 * @param gaps the offsets that are missing where this salvage made segments, ascending
 * @param copied messages that were copied into new segments
 * @param kept segments that stayed as they were
 * @param made segments that were made new
 * @param timesEstimated whether the time of some messages was lost with the record that it counts
 *     from; theirs is then that of the message before them, or later
 * @param setAside where the damaged files are kept, whole
 */
public record SalvageReport(
    String topic,
    Outcome outcome,
    long firstOffset,
    long endOffset,
    List<Gap> gaps,
    long copied,
    int kept,
    int made,
    boolean timesEstimated,
    List<Path> setAside) {

  /** What came of it. */
  public enum Outcome {
    /** Nothing is damaged: nothing was changed. */
    NOT_NEEDED,
    /** Nothing was changed, because only the plan was asked for. */
    PLANNED,
    /** The topic is whole again but for the gaps. */
    SALVAGED
  }

  /**
   * A range of offsets that is missing.
   *
   * @param from first of them
   * @param to one past the last
   */
  public record Gap(long from, long to) {
    /**
     * How many offsets are missing.
     *
     * @return at least 1
     */
    public long size() {
      return to - from;
    }
  }

  /**
   * How many offsets are missing.
   *
   * @return the sum of all gaps
   */
  public long lost() {
    return gaps.stream().mapToLong(Gap::size).sum();
  }
}
