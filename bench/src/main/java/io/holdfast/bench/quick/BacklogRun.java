package io.holdfast.bench.quick;

import io.holdfast.storage.Durability;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Fills a store and leaves it open, to be killed: some topics with some payload bytes each.
 *
 * <p>Arguments: topics, bytes (payload, of each topic), payload, maxMessageSize. Figures: messages
 * (of each topic).
 */
final class BacklogRun implements Workload {
  private static final int BATCH = 64;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    int payload = arguments.getInt("payload");
    long batches = Math.max(1, arguments.get("bytes") / payload / BATCH);
    Store store = Store.open(directory.resolve("store"));
    List<TopicLog> topics = new ArrayList<>();
    TopicSettings settings =
        new TopicSettings(
            Durability.processCrash(),
            TopicSettings.DEFAULT_SEGMENT_SIZE,
            arguments.getInt("maxMessageSize"),
            new TreeMap<>());
    for (int i = 0; i < arguments.get("topics"); i++) {
      topics.add(store.createTopic("quick" + i, settings));
    }
    for (TopicLog topic : topics) {
      Stamp stamp = new Stamp(payload, 0);
      RecordBatch batch = topic.newBatch();
      long sequence = 0;
      for (long i = 0; i < batches; i++) {
        batch.clear();
        for (int j = 0; j < BATCH; j++) {
          batch.add(OursContender.NO_ATTRIBUTES, 0, stamp.number(sequence), 0, payload);
          sequence++;
        }
        topic.append(batch);
      }
    }
    figures.put("messages", batches * BATCH);
  }
}
