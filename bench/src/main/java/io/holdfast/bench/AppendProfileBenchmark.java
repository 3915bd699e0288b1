package io.holdfast.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where the nanoseconds of an append go: the whole of it, and each of its parts alone. The parts
 * overlap in the processor, so that their sum is more than the whole without its rolls.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AppendProfileBenchmark {

  /** Makes the benchmark; it has no state of its own. */
  public AppendProfileBenchmark() {
    // What it needs comes with each call.
  }

  /**
   * An append of one message, segments recycled, rolls included.
   *
   * @param parts of this thread
   * @return the message's offset
   */
  @Benchmark
  public long whole(AppendParts parts) {
    return parts.append();
  }

  /**
   * Filling the batch: copy and sum of the payload.
   *
   * @param parts of this thread
   * @return its size
   */
  @Benchmark
  public int part1Fill(AppendParts parts) {
    return parts.filled().size();
  }

  /**
   * Taking and leaving the lock.
   *
   * @param parts of this thread
   * @return how often it was taken
   */
  @Benchmark
  public long part2Lock(AppendParts parts) {
    return parts.lock();
  }

  /**
   * Looking at the clock.
   *
   * @param parts of this thread
   * @return the time
   */
  @Benchmark
  public long part3Clock(AppendParts parts) {
    return parts.time();
  }

  /**
   * The record's header and its sum, joined with the payload's.
   *
   * @param parts of this thread
   * @return the sum
   */
  @Benchmark
  public int part4Header(AppendParts parts) {
    return parts.header();
  }

  /**
   * Copying the record into the segment.
   *
   * @param parts of this thread
   * @return where it ends
   */
  @Benchmark
  public int part5Copy(AppendParts parts) {
    return parts.copy();
  }

  /**
   * Publishing the end.
   *
   * @param parts of this thread
   * @return the end
   */
  @Benchmark
  public long part6Publish(AppendParts parts) {
    return parts.publish();
  }
}
