package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;

import io.holdfast.storage.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A topic whose messages live for an hour, and a group. A message "a1" has the key "a". */
abstract class ExpiryFixture {
  static final Duration HOUR = Duration.ofHours(1);
  static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir Path dir;
  final TestClock clock = new TestClock();
  final List<EngineEvent> told = new CopyOnWriteArrayList<>();
  Engine engine;
  Topic topic;
  private Path store;
  private int images;

  static TopicConfig.Builder hour() {
    return TestStores.small().maxAge(HOUR);
  }

  static GroupConfig.Builder config() {
    return GroupConfig.builder()
        .ackTimeout(Duration.ofHours(20))
        .maxProcessing(Duration.ofHours(40))
        .backoff(Backoff.fixed(MINUTE));
  }

  final void open(TopicConfig.Builder topicConfig) {
    store = dir.resolve("store");
    open();
    topic = engine.topic("t", topicConfig.build());
  }

  private void open() {
    engine = Engine.open(store, EngineConfig.defaults().withClock(clock).withListener(told::add));
  }

  final void reopen() {
    engine.close();
    open();
    topic = engine.topic("t");
  }

  /** What the process leaves when it is killed now, opened by the next one. */
  final void die() {
    Path image = TestStores.image(store, dir.resolve("image" + images++));
    engine.close();
    store = image;
    open();
    topic = engine.topic("t");
  }

  @AfterEach
  void close() {
    engine.close();
  }

  static Message.Builder message(String text) {
    Message.Builder message = Message.builder(text.getBytes(StandardCharsets.UTF_8));
    return text.startsWith("-") ? message : message.key(text.substring(0, 1));
  }

  final void send(Message... messages) {
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      producer.sendAll(List.of(messages));
    }
  }

  final void send(String... texts) {
    for (String text : texts) {
      send(message(text).build());
    }
  }

  final List<Delivery> receive() {
    return receive(100);
  }

  final List<Delivery> receive(int max) {
    return engine.group("g").consumer("c").receive(max, AT_ONCE);
  }

  final GroupStats stats() {
    return engine.group("g").lag().get(0);
  }

  final List<Message> letters() {
    settle();
    List<Message> letters = new ArrayList<>();
    if (engine.topics().contains("t.g.dlq")) {
      try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
        while (reader.poll(view -> letters.add(view.toMessage()), 100) > 0) {
          // to the end
        }
      }
    }
    return letters;
  }

  /** The letters with the reason that each gives, sorted. */
  final List<String> reasons() {
    return letters().stream()
        .map(
            letter ->
                new String(letter.payload(), StandardCharsets.UTF_8)
                    + " " + letter.header("dlq.reason").orElseThrow())
        .sorted()
        .toList();
  }

  /** Lets time pass, and the timer do what is due; its own thread may be at it. */
  final void pass(Duration time) {
    clock.advance(time);
    engine.tick();
  }

  /** Waits until the timer, whichever thread it runs on, has written what it is at. */
  final void settle() {
    try {
      Eventually.holds(
          () -> {
            engine.tick();
            return stats().dying() == 0;
          },
          () -> "messages stay on their way to the dead letters: " + stats());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
