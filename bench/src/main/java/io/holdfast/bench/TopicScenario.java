package io.holdfast.bench;

import io.holdfast.storage.Durability;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;

/** The lowest level: append to a topic, force where its durability says so, read with a reader. */
final class TopicScenario implements Scenario, RecordHandler {
  /** Most records of one poll, so that the receiver looks at the run's end now and then. */
  private static final int POLL_LIMIT = 1024;

  private static final byte[] NO_ATTRIBUTES = new byte[0];

  private final Store store;
  private final TopicLog topic;
  private final boolean force;
  private final RecordBatch batch; // sender
  private final LogReader reader; // receiver
  private Handler handler; // receiver

  /** Makes a store with one topic in a directory that is empty. */
  TopicScenario(Path directory, Durability durability) {
    store = Store.open(directory);
    try {
      topic = store.createTopic("latency", TopicSettings.of(durability));
      batch = topic.newBatch();
      reader = topic.reader(0);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
    force = durability.forcesBeforeConfirming();
  }

  @Override
  public void add(byte[] payload) {
    if (!batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length)) {
      flush();
      batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length);
    }
  }

  @Override
  public void flush() {
    topic.append(batch);
    if (force) {
      topic.force(batch.firstOffset() + batch.size());
    }
    batch.clear();
  }

  @Override
  public int receive(Handler to) {
    handler = to;
    return reader.poll(this, POLL_LIMIT);
  }

  @Override
  public void onRecord(RecordView record) {
    handler.onMessage(record.array(), record.payloadOffset(), record.payloadLength());
  }

  @Override
  public void close() {
    reader.close();
    store.close();
  }
}
