package io.holdfast.storage.check;

import java.util.List;

/**
 * What a check found of one topic.
 *
 * @param name of the topic
 * @param state in one word
 * @param segments files that were read
 * @param firstOffset of the oldest segment
 * @param goodEnd one past the last offset of the prefix without a fault: where recovery would end
 * @param endOffset one past the last whole record that was found
 * @param durableOffset everything below it had been forced, as records and control file prove
 * @param records whole records that were found
 * @param bytes of the segment files
 * @param findings at most {@link TopicVerifier#MAX_FINDINGS}, in the order of the files
 * @param unlisted how many more there were
 */
public record TopicReport(
    String name,
    State state,
    int segments,
    long firstOffset,
    long goodEnd,
    long endOffset,
    long durableOffset,
    long records,
    long bytes,
    List<Finding> findings,
    long unlisted) {

  /** How a topic is. */
  public enum State {
    /** Nothing is missing; there may be notes. */
    OK,
    /** It ends in an unfinished tail; nothing that was promised is missing. */
    TORN_TAIL,
    /** Bytes are not what was written. */
    DAMAGED
  }
}
