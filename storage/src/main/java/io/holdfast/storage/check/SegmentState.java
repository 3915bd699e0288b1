package io.holdfast.storage.check;

import java.nio.file.Path;

/**
 * What a scan found of one segment.
 *
 * @param number of the segment
 * @param file where it is
 * @param capacity bytes of the file
 * @param salt of its header
 * @param firstOffset first offset that may stand in it
 * @param endOffset one past the last good offset
 * @param baseTime epoch milliseconds
 * @param lastTime epoch milliseconds of the last good record, at least the base time
 * @param endPosition where the next record would stand
 * @param records good data records
 * @param writerEpoch of the last good record that was read
 * @param sealed whether its seal record was reached
 * @param forced whether its footer says that everything was forced
 * @param scanned whether every record was checked; else the footer was believed
 */
public record SegmentState(
    long number,
    Path file,
    int capacity,
    long salt,
    long firstOffset,
    long endOffset,
    long baseTime,
    long lastTime,
    int endPosition,
    int records,
    int writerEpoch,
    boolean sealed,
    boolean forced,
    boolean scanned) {}
