package io.holdfast.storage;

/**
 * What one segment of a topic holds and takes.
 *
 * @param firstOffset of its messages
 * @param endOffset one past its last message
 * @param bytes of its file
 * @param lastTime when its last message was appended, epoch milliseconds; the end of time for the
 *     segment that is written to
 */
public record SegmentExtent(long firstOffset, long endOffset, long bytes, long lastTime) {}
