package io.holdfast.bench.quick;

import io.holdfast.bench.ReadRelease;
import io.holdfast.storage.Durability;
import io.holdfast.storage.LogReader;
import io.holdfast.storage.RecordBatch;
import io.holdfast.storage.RecordHandler;
import io.holdfast.storage.RecordView;
import io.holdfast.storage.Store;
import io.holdfast.storage.TopicLog;
import io.holdfast.storage.TopicSettings;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/** Holdfast's storage: one topic with the default settings, processCrash. */
final class OursContender implements Contender {
  static final byte[] NO_ATTRIBUTES = new byte[0];

  private final Store store;
  private final TopicLog topic;
  private final boolean releases;

  OursContender(Path directory, boolean releases) {
    this.releases = releases;
    store = Store.open(directory.resolve("store"));
    topic = store.createTopic("quick", TopicSettings.of(Durability.processCrash()));
  }

  TopicLog topic() {
    return topic;
  }

  @Override
  public Producer producer() {
    return new OursProducer(topic);
  }

  @Override
  public Consumer consumer() {
    return new OursConsumer(topic, releases);
  }

  @Override
  public void close() {
    store.close();
  }

  /** Appends batches of one, as a send of one message does. */
  private static final class OursProducer implements Producer {
    private final TopicLog topic;
    private final RecordBatch batch;

    OursProducer(TopicLog topic) {
      this.topic = topic;
      this.batch = topic.newBatch();
    }

    @Override
    public void append(byte[] payload) {
      batch.clear();
      batch.add(NO_ATTRIBUTES, 0, payload, 0, payload.length);
      topic.append(batch);
    }
  }

  /** Polls a reader. */
  private static final class OursConsumer implements Consumer, RecordHandler {
    private final LogReader reader;
    private final Optional<ReadRelease> release;
    private final UnsafeBuffer buffer = new UnsafeBuffer(NO_ATTRIBUTES);
    private byte[] wrapped = NO_ATTRIBUTES;
    private Handler handler;

    OursConsumer(TopicLog topic, boolean releases) {
      this.reader = topic.reader(0);
      this.release = releases ? Optional.of(new ReadRelease(topic)) : Optional.empty();
    }

    @Override
    public int poll(Handler to, int limit) {
      handler = to;
      return reader.poll(this, limit);
    }

    @Override
    public void onRecord(RecordView record) {
      byte[] array = record.array();
      if (array != wrapped) {
        wrapped = array;
        buffer.wrap(array);
      }
      handler.onMessage(buffer, record.payloadOffset(), record.payloadLength());
    }

    @Override
    public void release() {
      if (release.isPresent()) {
        release.get().release(reader.offset());
      }
    }

    @Override
    public void close() {
      release.ifPresent(ReadRelease::close);
      reader.close();
    }
  }
}
