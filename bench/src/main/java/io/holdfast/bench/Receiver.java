package io.holdfast.bench;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NanoClock;

/**
 * Receives without ever sleeping, takes the time of each message before it looks at it, then checks
 * it. Ends when all that was sent is here, or nothing comes any more.
 */
final class Receiver implements Callable<Receiver.Received>, Scenario.Handler {
  /** How long it waits for what is missing after the last message was sent. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Scenario scenario;
  private final Schedule schedule;
  private final Checker checker;
  private final NanoClock clock;
  private final Progress progress;
  private final Histogram latencies = Latencies.newHistogram();
  private boolean measuring;
  private long lastNanos;

  Receiver(
      Scenario scenario,
      Schedule schedule,
      int payloadSize,
      NanoClock clock,
      Progress progress) {
    this.scenario = scenario;
    this.schedule = schedule;
    this.checker = new Checker(payloadSize);
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * What was received.
   *
   * @param latencies of the measured messages, nanoseconds
   * @param measuredNanos from when the first measured message was due to the last one's receipt
   * @param faults found in all messages, those of the warm-up included
   */
  record Received(Histogram latencies, long measuredNanos, Faults faults) {}

  @Override
  public Received call() {
    try {
      lastNanos = clock.nanoTime();
      while (scenario.receive(this) > 0 || !isOver()) {
        Thread.onSpinWait();
      }
      long measuredNanos = Math.max(0, lastNanos - schedule.measuredFrom());
      return new Received(latencies, measuredNanos, checker.faults(progress.sent()));
    } finally {
      progress.end();
    }
  }

  /** Asked only when nothing was there. */
  private boolean isOver() {
    if (!progress.sendingEnded()) {
      return progress.hasEnded();
    }
    return checker.next() >= progress.sent() && lookOnceMore()
        || clock.nanoTime() - lastNanos > PATIENCE_NANOS;
  }

  /** What was sent before {@code sent} was told is visible by now, repetitions included. */
  private boolean lookOnceMore() {
    return scenario.receive(this) == 0;
  }

  @Override
  public void onMessage(byte[] array, int offset, int length) {
    long now = clock.nanoTime();
    lastNanos = now;
    long sequence = checker.check(array, offset, length);
    if (sequence < 0) {
      return;
    }
    if (!measuring && sequence >= schedule.warmup()) {
      measuring = true;
      latencies.reset();
    }
    Latencies.record(latencies, now - schedule.due(sequence));
  }
}
