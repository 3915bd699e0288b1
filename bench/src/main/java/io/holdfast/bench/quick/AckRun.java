package io.holdfast.bench.quick;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Settled;
import io.holdfast.engine.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Acks in random order: deliveries are taken, shuffled, and acked, by the thread that took them or
 * by several, each its share. Beside it the floor: the same bits set in the same order in an {@link
 * AtomicLongArray}, by the thread that took them; once from an array of offsets, and once with a
 * look at each delivery, so that it meets the same caches.
 *
 * <p>Arguments: payload, deliveries (out at once), threads, blocks (of deliveries; the first half
 * compiles it). Figures: rate (acks/s), floor and coldFloor (bits/s),
 * share and coldShare (of them).
 */
final class AckRun implements Workload {
  private static final int SEED = 5;
  private static final Duration NO_TIMEOUT = Duration.ofHours(1);

  private final Random random = new Random(SEED);

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    int count = arguments.getInt("deliveries");
    int threads = arguments.getInt("threads");
    int blocks = arguments.getInt("blocks");
    // Left open, for the JVM is killed.
    Engine engine = Engine.open(directory.resolve("store"));
    Topic topic = QueueTopic.make(engine);
    QueueTopic.fill(topic, arguments.getInt("payload"), (long) count * blocks);
    GroupConfig config =
        GroupConfig.builder()
            .maxInFlight(count)
            .ackTimeout(NO_TIMEOUT)
            .maxProcessing(NO_TIMEOUT)
            .build();
    Consumer consumer = topic.group("group", config).consumer("receiver");
    AtomicLongArray bits = new AtomicLongArray(count * blocks / Long.SIZE + 1);
    AtomicLongArray coldBits = new AtomicLongArray(bits.length());
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    long nanos = 0;
    long floorNanos = 0;
    long coldNanos = 0;
    for (int block = 0; block < blocks; block++) {
      List<Delivery> deliveries = new ArrayList<>(count);
      while (deliveries.size() < count) {
        deliveries.addAll(consumer.receive(count - deliveries.size(), Duration.ofSeconds(1)));
      }
      Collections.shuffle(deliveries, random);
      long took = threads == 1 ? ack(deliveries) : ack(deliveries, threads, pool);
      long tookCold = setBitsOf(deliveries, coldBits);
      long[] offsets = deliveries.stream().mapToLong(Delivery::offset).toArray();
      long tookFloor = setBits(offsets, bits);
      if (block >= blocks / 2) {
        nanos += took;
        floorNanos += tookFloor;
        coldNanos += tookCold;
      }
    }
    pool.shutdown();
    long measured = (long) count * (blocks - blocks / 2);
    figures.put("rate", measured * 1e9 / nanos);
    figures.put("floor", measured * 1e9 / floorNanos);
    figures.put("coldFloor", measured * 1e9 / coldNanos);
    figures.put("share", (double) floorNanos / nanos);
    figures.put("coldShare", (double) coldNanos / nanos);
    check(topic, config, bits, (long) count * blocks, figures);
  }

  private static long ack(List<Delivery> deliveries) {
    long start = System.nanoTime();
    ackAll(deliveries);
    return System.nanoTime() - start;
  }

  private static long ack(List<Delivery> deliveries, int threads, ExecutorService pool)
      throws Exception {
    int share = (deliveries.size() + threads - 1) / threads;
    List<Future<?>> ends = new ArrayList<>();
    long start = System.nanoTime();
    for (int from = 0; from < deliveries.size(); from += share) {
      List<Delivery> part = deliveries.subList(from, Math.min(deliveries.size(), from + share));
      ends.add(pool.submit(() -> ackAll(part)));
    }
    for (Future<?> end : ends) {
      end.get();
    }
    return System.nanoTime() - start;
  }

  private static void ackAll(List<Delivery> deliveries) {
    for (int i = 0; i < deliveries.size(); i++) {
      Settled settled = deliveries.get(i).ack();
      if (settled != Settled.DONE) {
        throw new IllegalStateException(deliveries.get(i) + ": the ack was " + settled);
      }
    }
  }

  private static long setBits(long[] offsets, AtomicLongArray bits) {
    long start = System.nanoTime();
    for (long offset : offsets) {
      bits.getAndAccumulate((int) (offset >>> 6), 1L << offset, (a, b) -> a | b);
    }
    return System.nanoTime() - start;
  }

  private static long setBitsOf(List<Delivery> deliveries, AtomicLongArray bits) {
    long start = System.nanoTime();
    for (int i = 0; i < deliveries.size(); i++) {
      long offset = deliveries.get(i).offset();
      bits.getAndAccumulate((int) (offset >>> 6), 1L << offset, (a, b) -> a | b);
    }
    return System.nanoTime() - start;
  }

  private static void check(
      Topic topic, GroupConfig config, AtomicLongArray bits, long messages, Figures figures) {
    long set = 0;
    for (int i = 0; i < bits.length(); i++) {
      set += Long.bitCount(bits.get(i));
    }
    var stats = topic.group("group", config).lag().get(0);
    if (set != messages || stats.lowWaterMark() != messages) {
      figures.fault(
          "expected %d messages, received %d, done below %d"
              .formatted(messages, set, stats.lowWaterMark()));
    }
  }
}
