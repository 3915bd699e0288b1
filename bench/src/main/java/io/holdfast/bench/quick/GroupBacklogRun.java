package io.holdfast.bench.quick;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes a store with a history and leaves it open, to be killed: one group has been through all
 * messages but the last, and acked all but some that lie anywhere among them; those are still out.
 * Another group has not begun.
 *
 * <p>Arguments: messages, holes (that are out, at most {@link #MOST_HOLES}). Figures: unfinished.
 */
final class GroupBacklogRun implements Workload {
  static final String GROUP = "group";
  static final String EMPTY_GROUP = "empty";

  /** That a group can have out, with room for a batch. */
  static final int MOST_HOLES = 990_000;

  /** The filling may take minutes. */
  private static final Duration NO_TIMEOUT = Duration.ofHours(1);

  static final GroupConfig CONFIG =
      GroupConfig.builder()
          .maxInFlight(1_000_000)
          .ackTimeout(NO_TIMEOUT)
          .maxProcessing(NO_TIMEOUT)
          .build();

  private static final byte[] SMALL = new byte[8];
  private static final int BATCH = 1024;
  private static final int SEED = 7;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    long messages = arguments.get("messages");
    Engine engine = Engine.open(directory.resolve("store"));
    Topic topic = QueueTopic.make(engine);
    Group group = topic.group(GROUP, CONFIG);
    topic.group(EMPTY_GROUP, CONFIG);
    // Together, so that what is received is still in the processor's caches.
    SplittableRandom random = new SplittableRandom(SEED);
    List<Message> batch = Collections.nCopies(BATCH, Message.of(SMALL));
    long holes = arguments.get("holes");
    long passed = 0;
    try (Producer producer = topic.producer(ProducerConfig.named("sender"))) {
      Consumer consumer = group.consumer("receiver");
      while (passed < messages) {
        producer.sendAll(batch);
        for (Delivery delivery : consumer.receive(BATCH, Duration.ofSeconds(1))) {
          // Of those that are left, each is as likely as the other to be among the holes.
          if (passed < messages && random.nextLong(messages - passed) < holes) {
            holes--;
          } else {
            delivery.ack();
          }
          passed++;
        }
      }
      producer.send(Message.of(SMALL)); // what the next attempt at a first delivery finds
    }
    figures.put("unfinished", group.lag().get(0).unfinished());
  }
}
