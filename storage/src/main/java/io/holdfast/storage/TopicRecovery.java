package io.holdfast.storage;

/**
 * What recovery found and did in one topic.
 *
 * @param name of the topic
 * @param outcome in one word
 * @param endOffset one past the last offset that the topic has now
 * @param durableOffset everything below it was proven to have been forced before this opening
 * @param setAside valid records beyond the end, moved to {@code quarantine/}
 * @param detail one sentence; empty for a clean topic
 */
public record TopicRecovery(
    String name,
    Outcome outcome,
    long endOffset,
    long durableOffset,
    long setAside,
    String detail) {

  /** How a topic came through. */
  public enum Outcome {
    /** Nothing was torn. */
    CLEAN,
    /** An unfinished tail was cut; nothing that was proven durable is missing. */
    TORN_TAIL,
    /**
     * Something that was promised is damaged or missing, or the topic cannot be read or is of a
     * newer format: it stays shut, nothing was changed.
     */
    REFUSED
  }
}
