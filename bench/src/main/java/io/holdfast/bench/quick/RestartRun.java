package io.holdfast.bench.quick;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Delivery;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.Message;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Opens a store whose process was killed, up to the first delivery, and leaves it open to be killed
 * again. The store has one of its two groups only, the other lies aside. What is opened has been
 * loaded before, with a store of a few messages.
 *
 * <p>Arguments: empty (1 for the group that has not begun), unfinished (of the other). Figures:
 * millis.
 */
final class RestartRun implements Workload {
  private static final int WARMUPS = 4;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws IOException {
    boolean empty = arguments.get("empty") == 1;
    String name = empty ? GroupBacklogRun.EMPTY_GROUP : GroupBacklogRun.GROUP;
    String other = empty ? GroupBacklogRun.GROUP : GroupBacklogRun.EMPTY_GROUP;
    Path store = directory.resolve("store");
    Path aside = Files.createDirectories(directory.resolve("aside"));
    move(store.resolve("groups").resolve(other), aside.resolve(other));
    move(aside.resolve(name), store.resolve("groups").resolve(name));
    warmUp(Files.createTempDirectory(directory, "warmup-").resolve("store"));
    long start = System.nanoTime();
    Engine engine = Engine.open(store);
    Group group = engine.group(name);
    List<Delivery> deliveries =
        group.consumer("receiver").receive(1, Duration.ofSeconds(1));
    figures.put("millis", (System.nanoTime() - start) / 1e6);
    if (deliveries.size() != 1) {
      figures.fault("nothing was delivered after the kill");
    }
    long unfinished = group.lag().get(0).unfinished();
    if (!empty && unfinished != arguments.get("unfinished")) {
      figures.fault(
          "expected %d messages that are not done, found %d"
              .formatted(arguments.get("unfinished"), unfinished));
    }
  }

  private static void move(Path from, Path to) throws IOException {
    if (Files.isDirectory(from)) {
      Files.move(from, to);
    }
  }

  private static void warmUp(Path directory) {
    for (int i = 0; i < WARMUPS; i++) {
      try (Engine engine = Engine.open(directory)) {
        Topic topic = QueueTopic.make(engine);
        Group group = topic.group(GroupBacklogRun.GROUP, GroupBacklogRun.CONFIG);
        topic.producer(ProducerConfig.named("sender")).send(Message.of(new byte[8]));
        try (Consumer consumer = group.consumer("receiver")) {
          consumer.receive(1, Duration.ofSeconds(1)); // which stays open: a retry next time
        }
      }
    }
  }
}
