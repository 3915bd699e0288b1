package io.holdfast.bench;

import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.TopicLog;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Appends to a topic, without groups above it: one operation fills a batch, sums included, and
 * appends it. Making the segments that are filled is inside the measured time.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AppendBenchmark {
  /** Most that one iteration appends, however long it was told to last. */
  static final long MAX_ITERATION_BYTES = 4L << 30;

  /** Makes the benchmark; it has no state of its own. */
  public AppendBenchmark() {
    // What it needs comes with each call.
  }

  /**
   * Returns once the batch is in the page cache.
   *
   * @param store of this iteration
   * @param fill of this thread
   * @param count of this thread
   * @return the batch's first offset
   */
  @Benchmark
  public long append(BenchStore store, BatchFill fill, MessageCount count) {
    return append(store.processCrash(), fill.filled(), count);
  }

  /**
   * Returns once the batch is on the device.
   *
   * @param store of this iteration
   * @param fill of this thread
   * @param count of this thread
   * @return the batch's first offset
   */
  @Benchmark
  public long appendAndForce(BenchStore store, BatchFill fill, MessageCount count) {
    TopicLog topic = store.powerLoss();
    RecordBatch batch = fill.filled();
    long first = append(topic, batch, count);
    topic.force(first + batch.size());
    return first;
  }

  private static long append(TopicLog topic, RecordBatch batch, MessageCount count) {
    topic.append(batch);
    count.messages += batch.size();
    long first = batch.firstOffset();
    long appended = (first / batch.size() + 1) * batch.bytes();
    if (appended > MAX_ITERATION_BYTES) {
      throw new IllegalStateException(
          "expected at most %d MiB an iteration, found more; take shorter ones with -r and -w"
              .formatted(MAX_ITERATION_BYTES >> 20));
    }
    return first;
  }
}
