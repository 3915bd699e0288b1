package io.holdfast.engine;

/**
 * What a group has before it in one topic; all figures are exact and of one moment.
 *
 * @param topic the topic
 * @param lowWaterMark the offset below which every message is done
 * @param end the offset behind the last message that the group may see
 * @param unfinished messages below {@code end} that are not done; includes all of the following
 * @param inFlight messages that are out with a consumer
 * @param delayed messages that were out and wait to be handed out again, due or not
 * @param dying messages on their way into the dead-letter topic
 * @param dead dead letters since the group began, or messages that were parked; the letters of
 *     redriven messages count with the topic that they were sent to
 * @param lost messages that a damaged topic lost before the group was done with them: they were
 *     never acked, and are counted as done since the topic was salvaged
 */
public record GroupStats(
    String topic,
    long lowWaterMark,
    long end,
    long unfinished,
    long inFlight,
    long delayed,
    long dying,
    long dead,
    long lost) {}
