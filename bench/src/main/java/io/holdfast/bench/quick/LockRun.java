package io.holdfast.bench.quick;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.agrona.concurrent.IdleStrategy;

/**
 * Producers that put records into one log under a lock while a reader follows them: how many a
 * second, and then, with a clock read at each record, how long the longest wait of anybody was.
 *
 * <p>Arguments: lock (ordinal of {@link LockKind}), producers, warmupMillis, millis. Figures: rate,
 * cpu, longestMillis, share (of the records of the producer with the fewest, in those of the one
 * with the most).
 */
final class LockRun implements Workload {
  private static final int STEP = 32;
  private static final int WARM = 0;
  private static final int COUNTED = 1;
  private static final int TIMED = 2;
  private static final int OVER = 3;

  private final LockedLog log = new LockedLog();
  private volatile int phase = WARM; // the main thread writes, all read
  private volatile long sum; // of what the reader read, so that it has to

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    LockKind.Guard guard = LockKind.values()[arguments.getInt("lock")].create();
    int producers = arguments.getInt("producers");
    ExecutorService threads = Executors.newFixedThreadPool(producers + 1);
    List<Future<Produced>> all = new ArrayList<>();
    Future<?> reader = threads.submit(this::read);
    for (int i = 0; i < producers; i++) {
      int producer = i;
      all.add(threads.submit(() -> produce(guard, producer)));
    }
    threads.shutdown();
    CpuClock cpu = new CpuClock();
    long millis = arguments.get("millis");
    TimeUnit.MILLISECONDS.sleep(arguments.get("warmupMillis"));
    long cpuStart = cpu.nanos();
    long start = System.nanoTime();
    phase = COUNTED;
    TimeUnit.MILLISECONDS.sleep(millis);
    phase = TIMED;
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMicros = (cpu.nanos() - cpuStart) / 1e3;
    TimeUnit.MILLISECONDS.sleep(millis);
    phase = OVER;
    reader.get();
    report(all, seconds, cpuMicros, figures);
  }

  /** What one producer did. */
  private record Produced(long counted, long longestNanos) {}

  private static void report(
      List<Future<Produced>> all, double seconds, double cpuMicros, Figures figures)
      throws Exception {
    long total = 0;
    long least = Long.MAX_VALUE;
    long most = 1;
    long longest = 0;
    for (Future<Produced> each : all) {
      Produced produced = each.get();
      total += produced.counted();
      least = Math.min(least, produced.counted());
      most = Math.max(most, produced.counted());
      longest = Math.max(longest, produced.longestNanos());
    }
    figures.put("rate", total / seconds);
    figures.put("cpu", cpuMicros / Math.max(1, total));
    figures.put("longestMillis", longest / 1e6);
    figures.put("share", (double) least / most);
  }

  private Produced produce(LockKind.Guard guard, int producer) {
    Stamp stamp = new Stamp(LockedLog.PAYLOAD, producer);
    LockedLog.Body body = new LockedLog.Body();
    long longest = 0;
    long counted = 0;
    long sequence = 0;
    for (int now = phase; now != OVER; now = phase) {
      if (now == TIMED) {
        longest = Math.max(longest, putTimed(guard, body, stamp, sequence));
      } else {
        put(guard, body, stamp, sequence);
        counted += now == COUNTED ? STEP : 0;
      }
      sequence += STEP;
    }
    return new Produced(counted, longest);
  }

  private void put(LockKind.Guard guard, LockedLog.Body body, Stamp stamp, long sequence) {
    for (int i = 0; i < STEP; i++) {
      body.fill(stamp.number(sequence + i));
      guard.put(log, body);
    }
  }

  private long putTimed(
      LockKind.Guard guard, LockedLog.Body body, Stamp stamp, long sequence) {
    long longest = 0;
    long last = System.nanoTime();
    for (int i = 0; i < STEP; i++) {
      body.fill(stamp.number(sequence + i));
      guard.put(log, body);
      long now = System.nanoTime();
      longest = Math.max(longest, now - last);
      last = now;
    }
    return longest;
  }

  private void read() {
    IdleStrategy idle = Idle.strategy();
    CRC32C crc = new CRC32C();
    byte[] scratch = LockedLog.scratch();
    long read = 0;
    long total = 0;
    while (phase != OVER) {
      long end = log.published();
      idle.idle((int) (end - read));
      for (; read < end; read++) {
        total += log.read(read, scratch, crc);
      }
    }
    sum = total;
  }
}
