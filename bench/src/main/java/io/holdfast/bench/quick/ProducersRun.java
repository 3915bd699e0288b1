package io.holdfast.bench.quick;

import io.holdfast.engine.ProducerConfig;
import java.nio.file.Path;

/**
 * Asynchronous sends to a powerLoss topic with a producer's defaults, beside the storage layer's
 * own batches, in one JVM.
 *
 * <p>Arguments: payload, warmupMillis, millis. Figures, each with what it is of before it: batches,
 * async, sequences, ids: rate, cpu, messages.
 */
final class ProducersRun implements Workload {
  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws Exception {
    Parts parts = new Parts(directory, figures);
    int pending = ProducerConfig.named("quick").maxPendingMessages();
    parts.run(new BatchRun(), "batches", arguments);
    Arguments sends = arguments.with("pending", pending);
    parts.run(new AsyncRun(), "async", sends.with("once", 0));
    parts.run(new AsyncRun(), "sequences", sends.with("once", 1));
    parts.run(new AsyncRun(), "ids", sends.with("once", 2));
  }
}
