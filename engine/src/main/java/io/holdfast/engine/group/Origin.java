package io.holdfast.engine.group;

/**
 * Where a redriven message comes from.
 *
 * @param topic that it was sent to
 * @param topicNumber of that topic
 * @param writerEpoch of its record there
 * @param offset of it there
 * @param timestamp when that topic took it, epoch milliseconds
 * @param redrives how often it came back from the dead letters, 1 or more
 */
public record Origin(
    String topic, int topicNumber, int writerEpoch, long offset, long timestamp, int redrives) {}
