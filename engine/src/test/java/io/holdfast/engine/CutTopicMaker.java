package io.holdfast.engine;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Makes topics with one message each in a process whose power is cut, and says so: a topic that was
 * confirmed is there after the cut, with its name, its file and its message.
 */
final class CutTopicMaker {
  /** Topics of one life. */
  static final int TOPICS = 4;

  private static final String PREFIX = "made-";

  private final Engine engine;
  private final Consumer<String> say;

  CutTopicMaker(Engine engine, Consumer<String> say) {
    this.engine = engine;
    this.say = say;
  }

  void make(int generation) {
    for (int i = 0; i < TOPICS; i++) {
      String name = PREFIX + generation + "-" + i;
      Topic topic = engine.topic(name, TopicConfig.defaults());
      try (Producer producer = topic.producer(ProducerConfig.named("maker"))) {
        producer.send(Message.of(name.getBytes(StandardCharsets.US_ASCII)));
      }
      say.accept("MADE " + name);
    }
  }

  /** Says which of them are there, each with its message. */
  void sayWhatIsThere() {
    for (String name : engine.topics()) {
      if (name.startsWith(PREFIX)) {
        try (Reader reader = engine.topic(name).reader(StartAt.earliest())) {
          reader.poll(view -> say.accept("HAS " + textOf(view)), 1);
        }
      }
    }
  }

  private static String textOf(MessageView view) {
    return new String(view.toMessage().payload(), StandardCharsets.US_ASCII);
  }
}
