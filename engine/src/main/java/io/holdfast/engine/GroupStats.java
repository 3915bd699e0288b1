package io.holdfast.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a group has before it in one topic; all figures are exact and of one moment.
 *
 * <p>The counts outlive the process. A message is counted before it ends: one that a kill hits in
 * between ends, and counts, once more. A power cut may set {@code lost}, {@code expired} and {@code
 * cancelled} back to what the device had; {@code dropped} too, but on powerLoss topics only by what
 * was out or waited for a retry when it was dropped.
 *
 * @param topic the topic
 * @param lowWaterMark the offset below which every message is done
 * @param end the offset behind the last message that the group may see
 * @param unfinished messages below {@code end} that are not done; includes all of the following
 * @param inFlight messages that are out with a consumer
 * @param retrying messages that were out and wait to be handed out again, due or not
 * @param dying messages on their way into the dead-letter topic
 * @param dead dead letters since the group began, or messages that were parked; the letters of
 *     redriven messages count with the topic that they were sent to
 * @param lost messages that a damaged topic lost before the group was done with them: they were
 *     never acked, and are counted as done since the topic was salvaged
 * @param expired messages that expired before the group was done with them
 * @param dropped messages that retention or a limit took before the group was done with them
 * @param cancelled messages that were cancelled before they were due
 * @param skipped messages that a seek passed over before the group was done with them
 * @param oldest when the topic took the oldest message that is not done, or, of a delayed one, when
 *     it became due; those that are not due count where nothing else is left, and then it lies
 *     ahead. Empty where all are done, and where it cannot be read
 */
public record GroupStats(
    String topic,
    long lowWaterMark,
    long end,
    long unfinished,
    long inFlight,
    long retrying,
    long dying,
    long dead,
    long lost,
    long expired,
    long dropped,
    long cancelled,
    long skipped,
    Optional<Instant> oldest) {
  /**
   * Returns how far the group is behind, in time: how long ago the oldest message that is not done
   * could have been. A delayed message counts from the time at which it is due.
   *
   * @param now the time
   * @return zero where all is done or not due, and never negative
   */
  public Duration lag(Instant now) {
    return oldest
        .map(since -> Duration.between(since, now))
        .filter(lag -> !lag.isNegative())
        .orElse(Duration.ZERO);
  }
}
