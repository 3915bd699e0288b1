package io.holdfast.bench;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NanoClock;

/** One run: a sender, a receiver and a control, each on a thread of its own. */
final class OpenLoop {
  /** From the making of the threads to the first message, so that all of them are there. */
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final LatencyOptions options;
  private final int processors;
  private final NanoClock clock;

  OpenLoop(LatencyOptions options, int processors, NanoClock clock) {
    this.options = options;
    this.processors = processors;
    this.clock = clock;
  }

  /**
   * Runs to the end.
   *
   * @throws RuntimeException what sending or receiving threw; the run says nothing then
   * @throws InterruptedException when the calling thread is interrupted; the run is ended
   */
  Outcome run(Scenario scenario) throws InterruptedException {
    Progress progress = new Progress();
    Schedule schedule =
        new Schedule(
            clock.nanoTime() + LEAD_NANOS,
            options.rate(),
            (long) options.rate() * options.warmup(),
            options.messages());
    int size = options.payload();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      Future<Histogram> control =
          threads.submit(new Control(processors, schedule, clock, progress));
      Future<Receiver.Received> receiver =
          threads.submit(new Receiver(scenario, schedule, size, clock, progress));
      Future<Sender.Sent> sender =
          threads.submit(
              new Sender(scenario, schedule, size, options.batch(), clock, progress));
      Receiver.Received received = resultOf(receiver);
      return Outcome.of(options, resultOf(sender), received, resultOf(control));
    } finally {
      progress.end();
      threads.shutdown();
      // Nothing may close the scenario beneath a thread that still uses it.
      while (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        progress.end();
      }
    }
  }

  private static <T> T resultOf(Future<T> thread) throws InterruptedException {
    try {
      return thread.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
