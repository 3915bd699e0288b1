package io.holdfast.bench.quick;

import io.holdfast.engine.ProducerConfig;
import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;

/**
 * One thread that appends batches to a powerLoss topic of the storage layer and forces each, as
 * large as a producer's are unless told otherwise: what producers are held against.
 *
 * <p>Arguments: payload, warmupMillis, millis. Figures: rate, cpu, messages.
 */
final class BatchRun implements Workload {
  private static final int BATCH = ProducerConfig.named("quick").maxBatchSize();

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    int payload = arguments.getInt("payload");
    Stamp stamp = new Stamp(payload, 0);
    Meter meter =
        new Meter(
            arguments.millisAsNanos("warmupMillis"),
            1,
            Long.MAX_VALUE,
            arguments.millisAsNanos("millis"));
    try (Store store = Store.open(directory.resolve("store"))) {
      TopicLog topic = store.createTopic("quick", TopicSettings.of(Durability.powerLoss()));
      RecordBatch batch = topic.newBatch();
      while (!meter.isOver(topic.endOffset())) {
        batch.clear();
        long first = topic.endOffset();
        for (int i = 0; i < BATCH; i++) {
          batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(first + i), 0, payload);
        }
        topic.append(batch);
        topic.force(first + BATCH);
      }
      meter.end(topic.endOffset());
    }
    meter.report(figures);
  }
}
