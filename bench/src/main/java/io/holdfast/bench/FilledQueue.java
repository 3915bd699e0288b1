package io.holdfast.bench;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Retention;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A topic full of messages, and a consumer of a group that has not received them yet. When it has
 * received all, another group begins.
 */
@State(Scope.Thread)
public class FilledQueue {
  /** Messages that are received at once. */
  static final int BATCH = 256;

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** The directory in which the trial makes its own. Relative to where JMH was started. */
  @Param(".")
  public String dir;

  /** Bytes of each message. */
  @Param({"64", "1024"})
  public int payload;

  /** Payload bytes that the topic holds: several segments, and little enough to stay cached. */
  long payloadBytes = 64L << 20;

  private WorkDirectory directory;
  private Engine engine;
  private Topic topic;
  private Consumer consumer;
  private long batches; // that the topic holds
  private long left; // batches that the group has not received yet
  private int groups;

  /** Makes a topic that is not there yet. */
  public FilledQueue() {
    // JMH sets the parameters, then calls fill.
  }

  /** Makes the store and fills its topic. */
  @Setup(Level.Trial)
  public void fill() {
    directory = new WorkDirectory(Path.of(dir));
    engine = Engine.open(directory.path().resolve("store"));
    TopicConfig config =
        TopicConfig.builder()
            .durability(Durability.processCrash())
            .retention(Retention.forever()) // one group after the other gets all of it
            .build();
    topic = engine.topic("queue", config);
    batches = payloadBytes / payload / BATCH;
    List<Message> messages =
        Collections.nCopies(BATCH, Message.of(new Payload(payload).bytes()));
    try (Producer producer = topic.producer(ProducerConfig.named("sender"))) {
      for (long i = 0; i < batches; i++) {
        producer.sendAll(messages);
      }
    }
  }

  /** Closes the store and removes it. */
  @TearDown(Level.Trial)
  public void close() {
    try {
      engine.close();
    } finally {
      directory.close();
    }
  }

  /** Receives the next batch, whole; the one before must be settled. */
  List<Delivery> receive() {
    if (left == 0) {
      GroupConfig config = GroupConfig.builder().maxInFlight(BATCH).build();
      consumer = topic.group("group" + groups++, config).consumer("receiver");
      left = batches;
    }
    List<Delivery> deliveries = consumer.receive(BATCH, PATIENCE);
    if (deliveries.size() != BATCH) {
      throw new IllegalStateException(
          "expected %d deliveries, received %d".formatted(BATCH, deliveries.size()));
    }
    left--;
    return deliveries;
  }

  Path path() {
    return directory.path();
  }
}
