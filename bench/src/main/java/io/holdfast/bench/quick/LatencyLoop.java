package io.holdfast.bench.quick;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * An open loop over one contender, at one rate after the other: a producer's thread, a thread that
 * notes when the machine stalls, and the calling thread, which consumes. For one thread.
 */
final class LatencyLoop implements AutoCloseable {
  private static final int POLL_LIMIT = 256;
  private static final int RELEASE_EVERY = 16 * 1024;
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Contender contender;
  private final ExecutorService producing = Executors.newSingleThreadExecutor();
  private final ExecutorService controlling = Executors.newSingleThreadExecutor();
  private final Contender.Consumer consumer;
  private final OrderCheck check;
  private final Stamp stamp; // the producer's thread
  private Contender.Producer producer; // the producer's thread; made by the flood
  private long first; // sequence of the first message of the rate that goes on
  private long released;

  LatencyLoop(Contender contender, int payload) {
    this.contender = contender;
    this.stamp = new Stamp(payload, 0);
    this.check = new OrderCheck(payload, 1);
    this.consumer = contender.consumer();
  }

  /**
   * What a rate gave.
   *
   * @param schedule when each message was due
   * @param latencies of each message, nanoseconds
   * @param stalls of the machine
   * @param cpuMicros of the whole JVM, for each message
   */
  record Result(OpenSchedule schedule, long[] latencies, Stalls stalls, double cpuMicros) {

    /** The latencies of those from a message on that were due while the machine did not stall. */
    long[] kept(int from) {
      long[] kept = new long[latencies.length];
      int count = 0;
      for (int i = from; i < latencies.length; i++) {
        if (!stalls.at(schedule.due(i))) {
          kept[count] = latencies[i];
          count++;
        }
      }
      return Arrays.copyOf(kept, count);
    }

    /** The latencies of all from a message on. */
    long[] all(int from) {
      return Arrays.copyOfRange(latencies, from, latencies.length);
    }
  }

  /** Sends so many messages at a rate, and receives them. */
  Result run(long rate, int total, Figures figures) throws Exception {
    OpenSchedule schedule = new OpenSchedule(System.nanoTime() + LEAD_NANOS, rate, total);
    long[] latencies = new long[total];
    Future<Stalls> control =
        controlling.submit(new StallControl(schedule.due(0), schedule.due(total)));
    Future<Stalls> sender = producing.submit(sending(schedule));
    CpuClock cpu = new CpuClock();
    long cpuStart = cpu.nanos();
    consume(schedule, latencies, first + total, () -> false);
    double cpuMicros = (cpu.nanos() - cpuStart) / 1e3 / total;
    Stalls stalls = control.get();
    stalls.add(sender.get());
    first += total;
    figures.put(check.faults(first));
    return new Result(schedule, latencies, stalls, cpuMicros);
  }

  /** Sends as fast as it goes, until there are so many or the time is over, and receives them. */
  void flood(long most, long nanos, Figures figures) throws Exception {
    Future<Long> sender = producing.submit(() -> floodUntil(most, System.nanoTime() + nanos));
    OpenSchedule nothing = new OpenSchedule(System.nanoTime(), 1, 0);
    long[] untimed = new long[0];
    while (!sender.isDone()) {
      consume(nothing, untimed, Long.MAX_VALUE, sender::isDone);
    }
    first += sender.get();
    consume(nothing, untimed, first, () -> false);
    figures.put(check.faults(first));
  }

  private long floodUntil(long most, long end) {
    producer = contender.producer();
    long sent = 0;
    while (sent < most && (sent % Flow.STEP > 0 || System.nanoTime() < end)) {
      producer.append(stamp.number(sent));
      sent++;
    }
    return sent;
  }

  private Callable<Stalls> sending(OpenSchedule schedule) {
    long from = first;
    return () -> {
      Stalls stalls = new Stalls(schedule.due(0), schedule.due(schedule.total()));
      for (int i = 0; i < schedule.total(); i++) {
        byte[] bytes = stamp.number(from + i);
        awaitDue(schedule.due(i), stalls);
        producer.append(bytes);
      }
      return stalls;
    };
  }

  /** Two reads of the clock with nothing between them: what is between is the machine's. */
  private void awaitDue(long due, Stalls stalls) {
    long now = System.nanoTime();
    while (now < due) {
      producer.idle();
      long before = System.nanoTime();
      Thread.onSpinWait();
      now = System.nanoTime();
      if (now - before > Stalls.NANOS) {
        stalls.mark(before, now);
      }
    }
  }

  /** Until the last is there, or none comes any more, or it is enough. */
  private void consume(
      OpenSchedule schedule, long[] latencies, long end, BooleanSupplier isEnough) {
    IdleStrategy idle = Idle.strategy();
    Contender.Handler handler =
        (buffer, offset, length) -> {
          long now = System.nanoTime();
          check.check(buffer, offset, length);
          int number = (int) (check.next(0) - 1 - first);
          if (number >= 0 && number < latencies.length) {
            latencies[number] = now - schedule.due(number);
          }
        };
    long patience = schedule.due(schedule.total()) + PATIENCE_NANOS;
    while (!check.hasAll(end) && !isEnough.getAsBoolean() && System.nanoTime() < patience) {
      int handled = consumer.poll(handler, POLL_LIMIT);
      idle.idle(handled);
      if (handled > 0) {
        patience = Math.max(patience, System.nanoTime() + PATIENCE_NANOS);
      }
      if (check.next(0) - released >= RELEASE_EVERY) {
        consumer.release();
        released = check.next(0);
      }
    }
  }

  /** Ends the threads; what they measured is open still. */
  @Override
  public void close() {
    producing.shutdown();
    controlling.shutdown();
  }
}
