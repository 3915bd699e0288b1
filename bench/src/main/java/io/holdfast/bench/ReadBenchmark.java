package io.holdfast.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Reads a topic in order, over and over, each checksum checked; an operation is one message. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReadBenchmark {
  /** Messages of one poll; the topic holds a multiple of it. */
  static final int MESSAGES = 64;

  /** Makes the benchmark; it has no state of its own. */
  public ReadBenchmark() {
    // What it needs comes with each call.
  }

  /**
   * Polls once.
   *
   * @param topic of this thread
   * @param blackhole takes what was read
   * @return how many were read
   */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public int read(FilledTopic topic, Blackhole blackhole) {
    return topic
        .reader()
        .poll(record -> blackhole.consume(record.array()[record.payloadOffset()]), MESSAGES);
  }
}
