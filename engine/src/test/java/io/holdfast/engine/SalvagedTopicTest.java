package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.DeadLetterStep;
import io.holdfast.storage.SalvageReport;
import io.holdfast.storage.TopicSalvage;
import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.check.SegmentScanner;
import io.holdfast.storage.format.RecordType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups and readers of a topic that was salvaged: no loss stops them, and none is silent. */
class SalvagedTopicTest {
  private static final GroupConfig GROUP =
      GroupConfig.builder().maxAttempts(2).backoff(Backoff.fixed(Duration.ofMinutes(1))).build();

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private final List<EngineEvent> told = new CopyOnWriteArrayList<>();

  private Engine open(Path store) {
    return open(store, step -> {});
  }

  private Engine open(Path store, Consumer<DeadLetterStep> steps) {
    EngineConfig config = EngineConfig.defaults().withClock(clock).withListener(told::add);
    return Engine.open(store, config, steps);
  }

  private static Topic topic(Engine engine) {
    return engine.topic("t", TestStores.small().build());
  }

  private static void send(Engine engine, int from, int to) {
    try (Producer producer = topic(engine).producer(ProducerConfig.named("p"))) {
      producer.sendAll(IntStream.range(from, to).mapToObj(i -> message("m" + i)).toList());
    }
  }

  private static List<String> messages(int... numbers) {
    return IntStream.of(numbers).mapToObj(i -> "m" + i).toList();
  }

  private static io.holdfast.engine.Consumer consumer(Engine engine) {
    return topic(engine).group("g", GROUP).consumer("c");
  }

  private static GroupStats stats(Engine engine) {
    return TestStores.stats(engine.group("g"));
  }

  /** Damages messages of the closed store, and has what is whole salvaged. */
  private static void lose(Path store, long... offsets) {
    lose(store, "t", offsets);
  }

  /** The same, of another topic. */
  static void lose(Path store, String topic, long... offsets) {
    for (int i = offsets.length - 1; i >= 0; i--) {
      flip(SegmentFiles.log(store.resolve("topics").resolve(topic), 1), offsets[i]);
    }
    SalvageReport report = TopicSalvage.salvage(store, topic);
    assertEquals(offsets.length, report.lost(), report::toString);
  }

  private static void flip(Path segment, long offset) {
    try (SegmentScanner scanner = SegmentScanner.open(segment);
        RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      scanner.begin();
      while (scanner.next()) {
        if (scanner.type() == RecordType.DATA && scanner.offset() == offset) {
          file.seek(scanner.position() + 33);
          file.write(0x77);
          return;
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("no offset " + offset);
  }

  @Test
  void aGroupPassesOverWhatIsLostAndCountsItOnce() {
    try (Engine engine = open(dir)) {
      send(engine, 0, 10);
      consumer(engine).receive(2, AT_ONCE).forEach(Delivery::ack);
    }
    lose(dir, 1, 3, 4, 5, 8);
    try (Engine engine = open(dir)) {
      List<Delivery> got = consumer(engine).receive(20, AT_ONCE);
      assertEquals(messages(2, 6, 7, 9), texts(got));
      assertEquals(TestStores.stats("t", 2, 10, 4, 4, 0, 0, 0, 4), stats(engine));
      got.forEach(Delivery::ack);
      assertEquals(TestStores.stats("t", 10, 10, 0, 0, 0, 0, 0, 4), stats(engine));
      send(engine, 10, 12);
      assertEquals(messages(10, 11), texts(consumer(engine).receive(20, AT_ONCE)));
    }
    try (Engine engine = open(dir)) {
      assertEquals(4, stats(engine).lost());
      assertEquals(messages(10, 11), texts(consumer(engine).receive(20, AT_ONCE)));
      assertEquals(4, stats(engine).lost());
    }
    long count = 0;
    for (EngineEvent event : told) {
      EngineEvent.MessagesLost lost = (EngineEvent.MessagesLost) event;
      assertEquals("g t DAMAGE", lost.group() + " " + lost.topic() + " " + lost.cause());
      assertTrue(lost.from() < lost.to(), event::toString);
      count += lost.count();
    }
    assertEquals(4, count, told::toString);
  }

  @Test
  void aGapAtTheEndOfTheTopicLeavesNoLag() {
    try (Engine engine = open(dir)) {
      send(engine, 0, 5);
      consumer(engine).receive(2, AT_ONCE).forEach(Delivery::ack);
    }
    lose(dir, 3, 4);
    try (Engine engine = open(dir)) {
      consumer(engine).receive(20, AT_ONCE).forEach(Delivery::ack);
      assertEquals(TestStores.stats("t", 5, 5, 0, 0, 0, 0, 0, 2), stats(engine));
      send(engine, 5, 6);
      assertEquals(messages(5), texts(consumer(engine).receive(20, AT_ONCE)));
    }
  }

  @Test
  void aGroupThatStandsInsideAGapGoesOnBehindIt() {
    try (Engine engine = open(dir)) {
      send(engine, 0, 6);
      List<Delivery> got = consumer(engine).receive(6, AT_ONCE);
      for (int i : new int[] {0, 1, 2, 4}) {
        got.get(i).ack();
      }
    }
    lose(dir, 2, 3, 4);
    try (Engine engine = open(dir)) {
      assertEquals(messages(5), texts(consumer(engine).receive(20, AT_ONCE)));
      assertEquals(TestStores.stats("t", 5, 6, 1, 1, 0, 0, 0, 1), stats(engine));
    }
  }

  @Test
  void whatWasOutOrWaitedForARetryIsLostWhenItsTurnComes(@TempDir Path images) {
    Path image = images.resolve("image");
    try (Engine engine = open(dir)) {
      send(engine, 0, 5);
      send(engine, 5, 6); // which tells that the others had been forced
      List<Delivery> got = consumer(engine).receive(4, AT_ONCE);
      got.get(1).nack(new Exception("later"));
      got.get(3).nack(new Exception("later"));
      TestStores.image(dir, image); // messages 0 and 2 are out
    }
    lose(image, 0, 1, 4);
    try (Engine engine = open(image)) {
      List<Delivery> got = consumer(engine).receive(20, AT_ONCE);
      assertEquals(messages(2, 5), texts(got));
      assertEquals(2, stats(engine).lost());
      assertEquals(2, stats(engine).retrying());
      clock.advance(Duration.ofMinutes(2));
      got.addAll(consumer(engine).receive(20, AT_ONCE));
      assertTrue(texts(got).containsAll(messages(2, 3, 5)), texts(got)::toString);
      got.forEach(Delivery::ack);
      assertEquals(TestStores.stats("t", 6, 6, 0, 0, 0, 0, 0, 3), stats(engine));
    }
  }

  @Test
  void aMessageThatDiedOnItsWayToTheDeadLettersIsLostAtOpen(@TempDir Path images) {
    Path image = images.resolve("image");
    Consumer<DeadLetterStep> crash =
        step -> {
          if (step == DeadLetterStep.SLOT_DYING && !image.toFile().exists()) {
            TestStores.image(dir, image);
          }
        };
    try (Engine engine = open(dir, crash)) {
      send(engine, 0, 2);
      send(engine, 2, 3); // which tells that the others had been forced
      consumer(engine).receive(2, AT_ONCE).get(1).reject("no");
    }
    lose(image, 1);
    try (Engine engine = open(image)) {
      assertEquals(0, stats(engine).dying());
      assertEquals(1, stats(engine).lost());
      assertEquals(0, stats(engine).dead());
      List<Delivery> got = consumer(engine).receive(20, AT_ONCE);
      assertEquals(messages(0, 2), texts(got));
      got.forEach(Delivery::ack);
      assertEquals(3, stats(engine).lowWaterMark());
    }
  }

  @Test
  void aReaderIsToldOfTheGap() {
    try (Engine engine = open(dir)) {
      send(engine, 0, 8);
    }
    lose(dir, 2, 3, 7);
    try (Engine engine = open(dir)) {
      assertEquals(
          List.of("0", "1", "2 to 4", "4", "5", "6", "7 to 8"),
          read(engine, StartAt.earliest()));
      assertEquals(List.of("3 to 4", "4", "5", "6", "7 to 8"), read(engine, StartAt.offset(3)));
    }
  }

  private static List<String> read(Engine engine, StartAt start) {
    List<String> read = new ArrayList<>();
    try (Reader reader = topic(engine).reader(start)) {
      MessageHandler handler =
          new MessageHandler() {
            @Override
            public void onMessage(MessageView message) {
              read.add(Long.toString(message.offset()));
            }

            @Override
            public void onGap(long from, long to) {
              read.add(from + " to " + to);
            }
          };
      while (reader.poll(handler, 3) > 0) {
        // to the end
      }
    }
    return read;
  }
}
