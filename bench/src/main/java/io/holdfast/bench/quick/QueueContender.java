package io.holdfast.bench.quick;

import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Settled;
import io.holdfast.engine.Topic;
import java.nio.file.Path;
import java.time.Duration;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Holdfast as a queue: a producer sends message by message, a consumer of a group receives some at
 * once and acks each. The topic is processCrash, all else is as by default.
 */
final class QueueContender implements Contender {
  private static final byte[] NOTHING = new byte[0];

  private final Engine engine;
  private final Topic topic;

  QueueContender(Path directory) {
    engine = Engine.open(directory.resolve("store"));
    topic = QueueTopic.make(engine);
  }

  @Override
  public Producer producer() {
    var producer = topic.producer(ProducerConfig.named("sender"));
    return payload -> producer.send(Message.of(payload));
  }

  @Override
  public Consumer consumer() {
    return new Receiver(topic.group("group", GroupConfig.defaults()).consumer("receiver"));
  }

  @Override
  public void close() {
    engine.close();
  }

  /** Acks a message when it was handled. */
  private static final class Receiver implements Consumer {
    private final io.holdfast.engine.Consumer consumer;
    private final UnsafeBuffer view = new UnsafeBuffer(NOTHING);

    Receiver(io.holdfast.engine.Consumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public int poll(Handler handler, int limit) {
      var deliveries = consumer.receive(limit, Duration.ZERO);
      for (Delivery delivery : deliveries) {
        byte[] payload = delivery.message().payload();
        view.wrap(payload);
        handler.onMessage(view, 0, payload.length);
        Settled settled = delivery.ack();
        if (settled != Settled.DONE) {
          throw new IllegalStateException(delivery + ": the ack was " + settled);
        }
      }
      return deliveries.size();
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
