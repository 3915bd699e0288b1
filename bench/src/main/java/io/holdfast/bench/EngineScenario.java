package io.holdfast.bench;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Settled;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The queue as users have it: a producer sends, one consumer of a group receives and acks each. */
final class EngineScenario implements Scenario {
  private static final int RECEIVE_LIMIT = 256;

  private final Engine engine;
  private final Producer producer; // sender
  private final List<Message> batch = new ArrayList<>(); // sender
  private final Consumer consumer; // receiver

  /** Makes a store with one topic and one group in a directory that is empty. */
  EngineScenario(Path directory, Durability durability) {
    engine = Engine.open(directory);
    try {
      Topic topic =
          engine.topic("latency", TopicConfig.builder().durability(durability).build());
      producer = topic.producer(ProducerConfig.named("sender"));
      consumer = topic.group("group", GroupConfig.defaults()).consumer("receiver");
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public void add(byte[] payload) {
    batch.add(Message.of(payload.clone()));
  }

  @Override
  public void flush() {
    if (batch.size() == 1) {
      producer.send(batch.get(0));
    } else {
      producer.sendAll(batch);
    }
    batch.clear();
  }

  @Override
  public int receive(Handler handler) {
    List<Delivery> deliveries = consumer.receive(RECEIVE_LIMIT, Duration.ZERO);
    for (Delivery delivery : deliveries) {
      byte[] payload = delivery.message().payload();
      handler.onMessage(payload, 0, payload.length);
      Settled settled = delivery.ack();
      if (settled != Settled.DONE) {
        throw new IllegalStateException(
            "offset %d: expected the ack to be DONE, found %s"
                .formatted(delivery.offset(), settled));
      }
    }
    return deliveries.size();
  }

  @Override
  public void close() {
    engine.close();
  }
}
