package io.holdfast.bench.quick;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/**
 * An open loop at two rates, after a faster one that compiles it, in a new directory each. Message
 * i is due at start + i / rate, and its latency counts from then. What fell into a window in which
 * the machine stalled is left out: a control thread that only reads the clock tells, and so does
 * the producer while nothing is due.
 *
 * <p>Arguments: payload, warm, low and high (messages/s), warmupMillis (of each rate), millis,
 * floorBytes. Figures, each with the rate before it, as in 100000.p50: p50, p90, p99, max
 * (nanoseconds), late (share later than 10 us), lateAll (the same with the stalls), kept (share of
 * messages that count), cpu.
 */
final class LatencyQuickRun implements Workload {
  private static final int POLL_LIMIT = 256;

  /** Of the measured time is what the run that compiles it takes beside its warm-up. */
  private static final int WARM_PART = 5;

  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LATE_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    for (String name : List.of("warm", "low", "high")) {
      long rate = arguments.get(name);
      Path own = Files.createDirectory(directory.resolve(name));
      Figures found = new Figures();
      boolean warms = name.equals("warm");
      long millis = warms ? arguments.get("millis") / WARM_PART : arguments.get("millis");
      atRate(rate, kind, own, arguments.with("millis", millis), found);
      if (!warms) {
        figures.putAll(rate + ".", found);
      }
    }
  }

  private static void atRate(
      long rate, ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    int warmup = (int) (rate * arguments.get("warmupMillis") / 1000);
    int total = warmup + (int) (rate * arguments.get("millis") / 1000);
    int payload = arguments.getInt("payload");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Contender contender = kind.open(directory, arguments.get("floorBytes"))) {
      OpenSchedule schedule = new OpenSchedule(System.nanoTime() + LEAD_NANOS, rate, total);
      long[] latencies = new long[total];
      Future<Stalls> control =
          threads.submit(new StallControl(schedule.due(0), schedule.due(total)));
      Future<Stalls> producer = threads.submit(() -> produce(contender, schedule, payload));
      CpuClock cpu = new CpuClock();
      long cpuStart = cpu.nanos();
      OrderCheck check = consume(contender, schedule, payload, latencies);
      figures.put("cpu", (cpu.nanos() - cpuStart) / 1e3 / total);
      Stalls stalls = control.get();
      stalls.add(producer.get());
      figures.put(check.faults(total));
      report(schedule, stalls, Arrays.copyOfRange(latencies, warmup, total), warmup, figures);
    } finally {
      threads.shutdown();
    }
  }

  private static Stalls produce(Contender contender, OpenSchedule schedule, int payload) {
    Stamp stamp = new Stamp(payload, 0);
    Stalls stalls = new Stalls(schedule.due(0), schedule.due(schedule.total()));
    try (Contender.Producer producer = contender.producer()) {
      for (int i = 0; i < schedule.total(); i++) {
        byte[] bytes = stamp.number(i);
        awaitDue(schedule.due(i), producer, stalls);
        producer.append(bytes);
      }
    }
    return stalls;
  }

  /** Two reads of the clock with nothing between them: what is between is the machine's. */
  private static void awaitDue(long due, Contender.Producer producer, Stalls stalls) {
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

  private static OrderCheck consume(
      Contender contender, OpenSchedule schedule, int payload, long[] latencies) {
    OrderCheck check = new OrderCheck(payload, 1);
    IdleStrategy idle = Idle.strategy();
    Contender.Handler handler =
        (buffer, offset, length) -> {
          long now = System.nanoTime();
          check.check(buffer, offset, length);
          int sequence = (int) check.next(0) - 1;
          if (sequence >= 0 && sequence < latencies.length) {
            latencies[sequence] = now - schedule.due(sequence);
          }
        };
    try (Contender.Consumer consumer = contender.consumer()) {
      long patience = schedule.due(schedule.total()) + PATIENCE_NANOS;
      while (!check.hasAll(schedule.total()) && System.nanoTime() < patience) {
        idle.idle(consumer.poll(handler, POLL_LIMIT));
      }
      consumer.poll(handler, POLL_LIMIT);
    }
    return check;
  }

  private static void report(
      OpenSchedule schedule, Stalls stalls, long[] latencies, int first, Figures figures) {
    long[] kept = new long[latencies.length];
    int count = 0;
    for (int i = 0; i < latencies.length; i++) {
      if (!stalls.at(schedule.due(first + i))) {
        kept[count] = latencies[i];
        count++;
      }
    }
    figures.put("lateAll", new Percentiles(latencies).shareAbove(LATE_NANOS));
    figures.put("kept", (double) count / latencies.length);
    if (count > 0) {
      Percentiles percentiles = new Percentiles(Arrays.copyOf(kept, count));
      figures.put("p50", percentiles.at(0.5));
      figures.put("p90", percentiles.at(0.9));
      figures.put("p99", percentiles.at(0.99));
      figures.put("max", percentiles.at(1));
      figures.put("late", percentiles.shareAbove(LATE_NANOS));
    }
  }
}
