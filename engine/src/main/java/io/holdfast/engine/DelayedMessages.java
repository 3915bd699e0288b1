package io.holdfast.engine;

import io.holdfast.engine.delay.DelayIndex;
import java.time.Instant;
import java.util.Optional;

/**
 * The messages of a topic that wait for their time, as groups have met them since the opening, or
 * as the runs on disk have them. What no group has come to is not counted, so both figures fall at
 * an opening until groups have met again what was in memory. What was cancelled may be counted
 * until its time, and after a power cut one that is met again may be counted twice.
 *
 * @param waiting how many are known
 * @param next the earliest of their times
 */
public record DelayedMessages(long waiting, Optional<Instant> next) {
  static DelayedMessages of(DelayIndex delays, long now) {
    Optional<Instant> next =
        delays.nextDue(now).stream().mapToObj(Instant::ofEpochMilli).findFirst();
    return new DelayedMessages(delays.waiting(now), next);
  }
}
