package io.holdfast.engine;

import io.holdfast.engine.delay.DelayIndex;
import java.time.Instant;
import java.util.Optional;

/**
 * The messages of a topic that wait for their time, as its groups have met them: what no group has
 * come to yet is not counted. What was cancelled may be counted until its time.
 *
 * @param waiting how many there are, at most
 * @param next the earliest of their times
 */
public record DelayedMessages(long waiting, Optional<Instant> next) {
  static DelayedMessages of(DelayIndex delays, long now) {
    Optional<Instant> next =
        delays.nextDue(now).stream().mapToObj(Instant::ofEpochMilli).findFirst();
    return new DelayedMessages(delays.waiting(now), next);
  }
}
