package io.holdfast.bench.quick;

import io.holdfast.storage.Durability;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Senders that each append one message to a powerLoss topic, wait until it is forced, and go on:
 * the rate at which messages are confirmed. Ours only.
 *
 * <p>Arguments: payload, senders, warmupMillis, millis. Figures: rate, cpu, messages.
 */
final class PowerLossRun implements Workload {
  private static final int POLL_LIMIT = 256;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    int senders = arguments.getInt("senders");
    int payload = arguments.getInt("payload");
    ExecutorService threads = Executors.newFixedThreadPool(senders);
    try (Store store = Store.open(directory.resolve("store"))) {
      TopicLog topic = store.createTopic("quick", TopicSettings.of(Durability.powerLoss()));
      long warmup = arguments.millisAsNanos("warmupMillis");
      long begins = System.nanoTime() + warmup;
      long end = begins + arguments.millisAsNanos("millis");
      List<Future<long[]>> results = new ArrayList<>();
      for (int i = 0; i < senders; i++) {
        int sender = i;
        results.add(threads.submit(() -> send(topic, sender, payload, begins, end)));
      }
      CpuClock cpu = new CpuClock();
      TimeUnit.NANOSECONDS.sleep(warmup);
      long cpuStart = cpu.nanos();
      long[] sent = new long[senders];
      long measured = 0;
      for (int i = 0; i < senders; i++) {
        long[] result = results.get(i).get();
        sent[i] = result[0];
        measured += result[1];
      }
      figures.put("rate", measured * 1e9 / (end - begins));
      figures.put("cpu", (cpu.nanos() - cpuStart) / 1e3 / Math.max(1, measured));
      figures.put("messages", measured);
      check(topic, payload, sent, figures);
    } finally {
      threads.shutdown();
    }
  }

  /** Returns how many were sent, and how many of them were confirmed in the measured time. */
  private static long[] send(TopicLog topic, int sender, int payload, long begins, long end) {
    Stamp stamp = new Stamp(payload, sender);
    RecordBatch batch = topic.newBatch();
    long sequence = 0;
    long measured = 0;
    long now = System.nanoTime();
    while (now < end) {
      batch.clear();
      batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(sequence), 0, payload);
      topic.append(batch);
      topic.force(batch.firstOffset() + 1);
      sequence++;
      now = System.nanoTime();
      if (now >= begins && now < end) {
        measured++;
      }
    }
    return new long[] {sequence, measured};
  }

  private static void check(TopicLog topic, int payload, long[] sent, Figures figures) {
    OrderCheck check = new OrderCheck(payload, sent.length);
    UnsafeBuffer buffer = new UnsafeBuffer(OursContender.NO_ATTRIBUTES);
    try (LogReader reader = topic.reader(0)) {
      int handled = 1;
      while (handled > 0) {
        handled =
            reader.poll(
                record -> {
                  buffer.wrap(record.array());
                  check.check(buffer, record.payloadOffset(), record.payloadLength());
                },
                POLL_LIMIT);
      }
    }
    figures.put(check.faults(sent));
  }
}
