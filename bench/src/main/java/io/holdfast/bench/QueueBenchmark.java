package io.holdfast.bench;

import io.holdfast.engine.Delivery;
import io.holdfast.engine.Settled;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Receives messages from a group, 256 at once, and acks each; one operation is one message. The
 * topic is in the page cache and not sent to meanwhile. What the gc profiler shows holds for
 * receive and ack together, in all three.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueBenchmark {

  /** Makes the benchmark; it has no state of its own. */
  public QueueBenchmark() {
    // What it needs comes with each call.
  }

  /** Deliveries that were received outside of the measured time. */
  @State(Scope.Thread)
  public static class Taken {
    private List<Delivery> deliveries = List.of();

    /** Makes an empty batch. */
    public Taken() {
      // JMH calls take.
    }

    /**
     * Receives them.
     *
     * @param queue of this thread
     */
    @Setup(Level.Invocation)
    public void take(FilledQueue queue) {
      deliveries = queue.receive();
    }
  }

  /** Deliveries that are acked outside of the measured time. */
  @State(Scope.Thread)
  public static class Left {
    private List<Delivery> deliveries = List.of();

    /** Makes an empty batch. */
    public Left() {
      // The benchmark fills it.
    }

    /** Acks them. */
    @TearDown(Level.Invocation)
    public void settle() {
      ackAll(deliveries);
    }
  }

  /**
   * Receives, and acks each.
   *
   * @param queue of this thread
   * @return how many were received
   */
  @Benchmark
  @OperationsPerInvocation(FilledQueue.BATCH)
  public int receiveAndAck(FilledQueue queue) {
    List<Delivery> deliveries = queue.receive();
    ackAll(deliveries);
    return deliveries.size();
  }

  /**
   * Receives only.
   *
   * @param queue of this thread
   * @param left takes what was received
   * @return how many were received
   */
  @Benchmark
  @OperationsPerInvocation(FilledQueue.BATCH)
  public int receive(FilledQueue queue, Left left) {
    left.deliveries = queue.receive();
    return left.deliveries.size();
  }

  /**
   * Acks only.
   *
   * @param taken what was received
   * @return how many were acked
   */
  @Benchmark
  @OperationsPerInvocation(FilledQueue.BATCH)
  public int ack(Taken taken) {
    ackAll(taken.deliveries);
    return taken.deliveries.size();
  }

  private static void ackAll(List<Delivery> deliveries) {
    for (Delivery delivery : deliveries) {
      Settled settled = delivery.ack();
      if (settled != Settled.DONE) {
        throw new IllegalStateException(delivery + ": the ack was " + settled);
      }
    }
  }
}
