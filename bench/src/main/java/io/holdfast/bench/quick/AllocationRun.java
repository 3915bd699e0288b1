package io.holdfast.bench.quick;

import com.sun.management.ThreadMXBean;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.TopicLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Bytes that a thread allocates for an append and for a record that is polled, once compiled. It
 * counts blocks of operations: the median block shows the operation, the sum also what a roll costs
 * the thread that meets it.
 *
 * <p>Arguments: payload. Figures: append, appendAll, poll, pollAll (bytes per operation).
 */
final class AllocationRun implements Workload {
  private static final int BLOCK = 10_000;
  private static final int BLOCKS = 100;

  private final ThreadMXBean threads =
      (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long touched;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    int payload = arguments.getInt("payload");
    try (OursContender ours = new OursContender(directory, false)) {
      TopicLog topic = ours.topic();
      RecordBatch batch = topic.newBatch();
      Stamp stamp = new Stamp(payload, 0);
      IntConsumer append =
          i -> {
            batch.clear();
            batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(i), 0, payload);
            topic.append(batch);
          };
      measure(append, "append", figures);
      try (LogReader reader = topic.reader(0)) {
        RecordHandler handler = record -> touched += record.offset();
        measure(i -> reader.poll(handler, 1), "poll", figures);
      }
    }
  }

  private void measure(IntConsumer operation, String name, Figures figures) {
    block(operation);
    for (int i = 0; i < BLOCKS / 2; i++) {
      block(operation);
    }
    long[] bytes = new long[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      bytes[i] = block(operation);
    }
    figures.put(name, (double) new Percentiles(bytes).at(0.5) / BLOCK);
    figures.put(name + "All", (double) Arrays.stream(bytes).sum() / BLOCK / BLOCKS);
  }

  private long block(IntConsumer operation) {
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < BLOCK; i++) {
      operation.accept(i);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
