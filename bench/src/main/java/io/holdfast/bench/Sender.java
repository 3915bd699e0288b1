package io.holdfast.bench;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/**
 * Sends each message as soon as it is due, as an open loop does: it waits for the clock and for
 * nothing else. What became due meanwhile goes with the next batch.
 */
final class Sender implements Callable<Sender.Sent> {
  /** A sender this far behind gives up, so that a rate out of reach does not fill the disk. */
  static final long MAX_LATE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Scenario scenario;
  private final Schedule schedule;
  private final Payload payload;
  private final int batch;
  private final NanoClock clock;
  private final Progress progress;

  Sender(
      Scenario scenario,
      Schedule schedule,
      int payloadSize,
      int batch,
      NanoClock clock,
      Progress progress) {
    this.scenario = scenario;
    this.schedule = schedule;
    this.payload = new Payload(payloadSize);
    this.batch = batch;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * How the sending ended.
   *
   * @param messages that were sent
   * @param lateNanos how long after its due time the last of them was confirmed
   */
  record Sent(long messages, long lateNanos) {}

  @Override
  public Sent call() {
    long sent = 0;
    long late = 0;
    try {
      while (sent < schedule.total() && late <= MAX_LATE_NANOS && !progress.hasEnded()) {
        sent = sendBatch(sent);
        late = clock.nanoTime() - schedule.due(sent - 1);
      }
      return new Sent(sent, late);
    } finally {
      progress.sent(sent);
    }
  }

  /** Returns the sequence number behind the batch. */
  private long sendBatch(long first) {
    long next = first;
    long end = Math.min(schedule.total(), first + batch);
    payload.number(next);
    while (clock.nanoTime() < schedule.due(next)) {
      Thread.onSpinWait();
    }
    scenario.add(payload.bytes());
    next++;
    while (next < end && schedule.due(next) <= clock.nanoTime()) {
      payload.number(next);
      scenario.add(payload.bytes());
      next++;
    }
    scenario.flush();
    return next;
  }
}
