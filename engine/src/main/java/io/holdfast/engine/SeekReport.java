package io.holdfast.engine;

/**
 * What a seek did, or would do, to a group on one topic. Where the topic has lost messages, their
 * offsets count like those of others.
 *
 * @param topic the topic
 * @param from the low-water mark before: everything below it was done
 * @param to the low-water mark behind: what comes next
 * @param repeated messages that were done and come again
 * @param skipped messages that were not done and do not come any more
 * @param stale deliveries that are out, and cannot be settled any more
 * @param retries messages that were waiting for another attempt; they are skipped, or come again
 *     with attempts counted anew
 */
public record SeekReport(
    String topic, long from, long to, long repeated, long skipped, long stale, long retries) {}
