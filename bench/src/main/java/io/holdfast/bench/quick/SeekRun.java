package io.holdfast.bench.quick;

import io.holdfast.storage.Durability;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.StoreConfig;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Seeks at random places of a topic in the page cache, once by offset and the message read, once by
 * time. The clock of the store is the run's own: a batch is a millisecond, so that each millisecond
 * has its place.
 *
 * <p>Arguments: payload, messages, seeks and millis (most of them for each kind of seek). Figures:
 * offsetP50, offsetP99, timeP50, timeP99 (nanoseconds).
 */
final class SeekRun implements Workload {
  private static final int BATCH = 256;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;
  private static final int SEED = 11;

  private long found;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    AtomicLong clock = new AtomicLong(EPOCH_MILLIS);
    StoreConfig config = new StoreConfig(clock::get);
    try (Store store = Store.open(directory.resolve("store"), config)) {
      TopicLog topic =
          store.createTopic("quick", TopicSettings.of(Durability.processCrash()));
      fill(topic, clock, arguments);
      int seeks = arguments.getInt("seeks");
      long nanos = arguments.millisAsNanos("millis");
      seekOffsets(topic, seeks, nanos, figures); // once to compile it
      seekOffsets(topic, seeks, nanos, figures);
      seekTimes(topic, seeks, nanos, figures);
      seekTimes(topic, seeks, nanos, figures);
    }
  }

  private static void fill(TopicLog topic, AtomicLong clock, Arguments arguments) {
    int payload = arguments.getInt("payload");
    Stamp stamp = new Stamp(payload, 0);
    RecordBatch batch = topic.newBatch();
    for (long sent = 0; sent < arguments.get("messages"); sent += BATCH) {
      batch.clear();
      for (int i = 0; i < BATCH; i++) {
        batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(sent + i), 0, payload);
      }
      topic.append(batch);
      clock.incrementAndGet();
    }
  }

  private void seekOffsets(TopicLog topic, int seeks, long nanos, Figures figures) {
    SplittableRandom random = new SplittableRandom(SEED);
    long[] times = new long[seeks];
    long end = topic.visibleEnd();
    int done = 0;
    long until = System.nanoTime() + nanos;
    try (LogReader reader = topic.reader(0)) {
      for (; done < seeks && System.nanoTime() < until; done++) {
        long target = random.nextLong(end);
        long start = System.nanoTime();
        reader.seek(target);
        reader.poll(record -> found = record.offset(), 1);
        times[done] = System.nanoTime() - start;
        if (found != target) {
          figures.fault("sought offset %d, read %d".formatted(target, found));
        }
      }
    }
    put("offset", Arrays.copyOf(times, done), figures);
  }

  private static void seekTimes(TopicLog topic, int seeks, long nanos, Figures figures) {
    SplittableRandom random = new SplittableRandom(SEED);
    long[] times = new long[seeks];
    long batches = topic.visibleEnd() / BATCH;
    int done = 0;
    long until = System.nanoTime() + nanos;
    for (; done < seeks && System.nanoTime() < until; done++) {
      long target = random.nextLong(batches);
      long start = System.nanoTime();
      long offset = topic.offsetAt(EPOCH_MILLIS + target);
      times[done] = System.nanoTime() - start;
      if (offset != target * BATCH) {
        figures.fault("sought time %d, found offset %d".formatted(target, offset));
      }
    }
    put("time", Arrays.copyOf(times, done), figures);
  }

  private static void put(String name, long[] times, Figures figures) {
    Percentiles percentiles = new Percentiles(times);
    figures.put(name + "P50", percentiles.at(0.5));
    figures.put(name + "P99", percentiles.at(0.99));
  }
}
