package io.holdfast.bench.quick;

import io.holdfast.engine.Engine;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Retention;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import java.util.ArrayList;
import java.util.List;

/** The topic of a queue that is measured: processCrash, all else as by default. */
final class QueueTopic {
  private static final String NAME = "quick";
  private static final int BATCH = 1024;

  private QueueTopic() {}

  static Topic make(Engine engine) {
    return engine.topic(
        NAME,
        TopicConfig.builder()
            .durability(Durability.processCrash())
            .retention(Retention.forever()) // one group after the other gets all of it
            .build());
  }

  /** Sends messages that carry stamps, numbered from 0. */
  static void fill(Topic topic, int payload, long messages) {
    Stamp stamp = new Stamp(payload, 0);
    try (Producer producer = topic.producer(ProducerConfig.named("sender"))) {
      List<Message> batch = new ArrayList<>(BATCH);
      for (long i = 0; i < messages; i++) {
        batch.add(Message.of(stamp.number(i).clone()));
        if (batch.size() == BATCH || i == messages - 1) {
          producer.sendAll(batch);
          batch.clear();
        }
      }
    }
  }
}
