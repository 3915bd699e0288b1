package io.holdfast.storage;

import java.time.Duration;
import java.util.Objects;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * How a store is opened. Immutable.
 *
 * @param clock gives the time of messages, epoch milliseconds; a step back is not followed
 * @param firstSegment bytes of a topic's first segment, 64 KiB or more: what an idle topic costs.
 *     Each one after it has four times as many, up to the topic's segment size
 * @param recycleFrom bytes of the smallest segment whose file is used again once its messages were
 *     dropped; {@link Integer#MAX_VALUE} recycles nothing
 * @param poolBytes that files waiting to be used again may have together; the reserve, two files
 *     that hold the largest record of any topic, comes on top
 * @param mappedSegments most segments that stay mapped while nobody reads or writes them, and most
 *     idle topics whose last segment stays mapped
 * @param rollTimeout how long an append that has to roll waits at most for the next segment, and
 *     before that for the force of an old one where too many lack theirs
 * @param slowForce a force that takes longer is logged as a warning
 */
public record StoreConfig(
    EpochClock clock,
    int firstSegment,
    int recycleFrom,
    long poolBytes,
    int mappedSegments,
    Duration rollTimeout,
    Duration slowForce) {

  /** Bytes of a topic's first segment by default: 64 KiB. */
  public static final int FIRST_SEGMENT = 64 << 10;

  /** Bytes of the smallest segment that is recycled by default: 1 MiB. */
  public static final int RECYCLE_FROM = 1 << 20;

  /** Bytes that the pool of recycled segments has at most by default: 256 MiB. */
  public static final long POOL_BYTES = 256L << 20;

  /** Idle segments that stay mapped by default. */
  public static final int MAPPED_SEGMENTS = 1_024;

  /** How long an append waits for the next segment by default. */
  public static final Duration ROLL_TIMEOUT = Duration.ofSeconds(30);

  /** A force that takes longer is logged by default. */
  public static final Duration SLOW_FORCE = Duration.ofSeconds(1);

  /**
   * Checks the parts.
   *
   * @param clock not null
   * @param firstSegment see above, a multiple of 4 KiB
   * @param recycleFrom 0 or more
   * @param poolBytes 0 or more
   * @param mappedSegments 1 or more
   * @param rollTimeout more than zero
   * @param slowForce more than zero
   * @throws IllegalArgumentException when a number or a time is out of its range
   */
  public StoreConfig {
    Objects.requireNonNull(clock, "clock");
    check(
        firstSegment >= FIRST_SEGMENT && firstSegment % 4_096 == 0,
        "firstSegment: expected a multiple of 4096 bytes from " + FIRST_SEGMENT,
        firstSegment);
    check(recycleFrom >= 0, "recycleFrom: expected 0 bytes or more", recycleFrom);
    check(poolBytes >= 0, "poolBytes: expected 0 bytes or more", poolBytes);
    check(mappedSegments >= 1, "mappedSegments: expected 1 or more", mappedSegments);
    check(positive(rollTimeout), "rollTimeout: expected more than zero", rollTimeout);
    check(positive(slowForce), "slowForce: expected more than zero", slowForce);
  }

  /**
   * The default configuration with another clock.
   *
   * @param clock gives the time of messages
   */
  public StoreConfig(EpochClock clock) {
    this(
        clock,
        FIRST_SEGMENT,
        RECYCLE_FROM,
        POOL_BYTES,
        MAPPED_SEGMENTS,
        ROLL_TIMEOUT,
        SLOW_FORCE);
  }

  /**
   * The system's clock, and what else most stores are opened with.
   *
   * @return the configuration
   */
  public static StoreConfig defaults() {
    return new StoreConfig(SystemEpochClock.INSTANCE);
  }

  /**
   * The same with another first segment.
   *
   * @param bytes of a topic's first segment
   * @return a new configuration
   */
  public StoreConfig withFirstSegment(int bytes) {
    return new StoreConfig(
        clock, bytes, recycleFrom, poolBytes, mappedSegments, rollTimeout, slowForce);
  }

  /**
   * The same with other rules for recycling.
   *
   * @param leastBytes of a segment that is recycled
   * @param mostBytes of the pool
   * @return a new configuration
   */
  public StoreConfig withRecycling(int leastBytes, long mostBytes) {
    return new StoreConfig(
        clock, firstSegment, leastBytes, mostBytes, mappedSegments, rollTimeout, slowForce);
  }

  /**
   * The same with another bound on maps.
   *
   * @param segments most idle ones
   * @return a new configuration
   */
  public StoreConfig withMappedSegments(int segments) {
    return new StoreConfig(
        clock, firstSegment, recycleFrom, poolBytes, segments, rollTimeout, slowForce);
  }

  /**
   * The same with another wait for the next segment.
   *
   * @param longest wait
   * @return a new configuration
   */
  public StoreConfig withRollTimeout(Duration longest) {
    return new StoreConfig(
        clock, firstSegment, recycleFrom, poolBytes, mappedSegments, longest, slowForce);
  }

  /**
   * The same with another idea of a slow force.
   *
   * @param longest that goes without a warning
   * @return a new configuration
   */
  public StoreConfig withSlowForce(Duration longest) {
    return new StoreConfig(
        clock, firstSegment, recycleFrom, poolBytes, mappedSegments, rollTimeout, longest);
  }

  private static boolean positive(Duration duration) {
    return duration.compareTo(Duration.ZERO) > 0;
  }

  private static void check(boolean ok, String expected, Object found) {
    if (!ok) {
      throw new IllegalArgumentException(expected + ", found " + found);
    }
  }
}
