package io.holdfast.bench.quick;

import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Topic;
import java.nio.file.Path;

/**
 * Makes a store whose only group has a backlog, and closes it.
 *
 * <p>Arguments: payload, messages. Figures: none.
 */
final class GrowthFillRun implements Workload {
  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures) {
    long messages = arguments.get("messages");
    try (Engine engine = Engine.open(directory.resolve("store"))) {
      Topic topic = QueueTopic.make(engine);
      topic.group(GrowthRun.GROUP, GroupConfig.defaults());
      QueueTopic.fill(topic, arguments.getInt("payload"), messages);
      if (topic.endOffset() != messages) {
        figures.fault("expected %d messages, found %d".formatted(messages, topic.endOffset()));
      }
    }
  }
}
