package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.message;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.DamagedGroupException;
import io.holdfast.storage.Durability;
import io.holdfast.storage.error.DamagedStoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State is never believed beyond what the topic holds, nor for another topic than its own. */
class RecoveryTest {
  @TempDir Path dir;

  private static Topic topic(Engine engine) {
    return engine.topic(
        "t", TestStores.small().durability(Durability.processCrash()).build());
  }

  private static void send(Engine engine, String... texts) {
    try (Producer producer = topic(engine).producer(ProducerConfig.named("p"))) {
      for (String text : texts) {
        producer.send(message(text));
      }
    }
  }

  private static Consumer consumer(Engine engine) {
    return topic(engine).group("g", GroupConfig.defaults()).consumer("c");
  }

  private static GroupStats stats(Engine engine) {
    return TestStores.stats(engine.group("g"));
  }

  /** A store whose topics are of one moment and whose groups of a later one: what a cut leaves. */
  private static Path mix(Path topics, Path groups, Path target) {
    TestStores.image(topics, target);
    TestStores.delete(target.resolve("groups"));
    TestStores.image(groups.resolve("groups"), target.resolve("groups"));
    return target;
  }

  @Test
  void anOffsetThatIsGivenAgainIsNotBornAcked(@TempDir Path images) {
    Path early = images.resolve("early");
    Path late = images.resolve("late");
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0", "m1", "m2");
      Consumer consumer = consumer(engine);
      consumer.receive(2, AT_ONCE).forEach(Delivery::ack);
      TestStores.image(dir, early);
      send(engine, "lost3", "lost4", "lost5", "lost6");
      List<Delivery> got = consumer.receive(10, AT_ONCE);
      assertEquals(List.of("m2", "lost3", "lost4", "lost5", "lost6"), texts(got));
      got.get(1).ack();
      got.get(3).ack();
      got.get(4).nack(new Exception());
      TestStores.image(dir, late);
    }
    Path cut = mix(early, late, images.resolve("cut"));
    try (Engine engine = Engine.open(cut)) {
      assertEquals(TestStores.stats("t", 2, 3, 1, 0, 1, 0, 0), stats(engine));
      send(engine, "new3", "new4", "new5", "new6");
      List<Delivery> got = consumer(engine).receive(10, AT_ONCE);
      assertEquals(List.of("m2", "new3", "new4", "new5", "new6"), texts(got));
      assertEquals(2, got.get(0).attempt());
      assertEquals(1, got.get(1).attempt());
    }
  }

  @Test
  void aLowWaterMarkBeyondTheEndIsTakenBack(@TempDir Path images) {
    Path early = images.resolve("early");
    Path late = images.resolve("late");
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0");
      consumer(engine);
    }
    TestStores.image(dir, early);
    try (Engine engine = Engine.open(dir)) {
      send(engine, "lost1", "lost2");
      consumer(engine).receive(10, AT_ONCE).forEach(Delivery::ack);
      assertEquals(3, stats(engine).lowWaterMark());
    }
    TestStores.image(dir, late);
    Path cut = mix(early, late, images.resolve("cut"));
    for (int openings = 0; openings < 2; openings++) {
      try (Engine engine = Engine.open(cut)) {
        assertEquals(TestStores.stats("t", 1, 1, 0, 0, 0, 0, 0), stats(engine));
      }
    }
    try (Engine engine = Engine.open(cut)) {
      send(engine, "new1");
      assertEquals(List.of("new1"), texts(consumer(engine).receive(10, AT_ONCE)));
    }
  }

  @Test
  void aLowWaterMarkIsTakenBackAlsoWhenTheRestOfTheStateCannotBeOpened(@TempDir Path images)
      throws IOException {
    Path early = images.resolve("early");
    Path late = images.resolve("late");
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0");
      consumer(engine);
      TestStores.image(dir, early);
      send(engine, "lost1", "lost2");
      consumer(engine).receive(10, AT_ONCE).forEach(Delivery::ack);
    }
    TestStores.image(dir, late);
    Path cut = mix(early, late, images.resolve("cut"));
    Path slots = cut.resolve("groups/g/t/slots");
    byte[] whole = Files.readAllBytes(slots);
    Files.write(slots, Arrays.copyOf(whole, 4096));
    try (Engine engine = Engine.open(cut)) {
      assertEquals(List.of(), engine.group("g").topicNames());
      send(engine, "new1", "new2", "new3");
    }
    Files.write(slots, whole);
    try (Engine engine = Engine.open(cut)) {
      assertEquals(
          List.of("new1", "new2", "new3"), texts(consumer(engine).receive(10, AT_ONCE)));
    }
  }

  @Test
  void slotsThatAreMissingAreDamageThatSaysWhatToDo() throws IOException {
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0");
      consumer(engine);
    }
    Path slots = dir.resolve("groups/g/t/slots");
    Files.delete(slots);
    try (Engine engine = Engine.open(dir)) {
      Group group = engine.group("g");
      DamagedGroupException error =
          assertThrows(DamagedGroupException.class, () -> group.topics("t"));
      assertTrue(error.getMessage().startsWith(slots + ": it is not there"), error.getMessage());
    }
  }

  @Test
  void stateOfAnotherStoreIsSetAsideAndTheGroupBeginsAnew(@TempDir Path images) {
    Path other = images.resolve("other");
    try (Engine engine = Engine.open(other)) {
      send(engine, "x0", "x1", "x2");
      consumer(engine).receive(10, AT_ONCE).forEach(Delivery::ack);
    }
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0", "m1", "m2");
      consumer(engine);
    }
    TestStores.delete(dir.resolve("groups"));
    TestStores.image(other.resolve("groups"), dir.resolve("groups"));
    for (int openings = 0; openings < 2; openings++) {
      try (Engine engine = Engine.open(dir)) {
        assertEquals(3, stats(engine).unfinished());
        assertEquals(List.of("t"), engine.group("g").topicNames());
      }
    }
    assertTrue(Files.isDirectory(dir.resolve("groups/g/t~1")));
    assertFalse(Files.exists(dir.resolve("groups/g/t~2")));
  }

  @Test
  void aDamagedFileCostsTheGroupThatTopicAndNothingElse() throws IOException {
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0");
      topic(engine).group("g", GroupConfig.defaults());
      topic(engine).group("healthy", GroupConfig.defaults());
      engine.topic("u", TestStores.small().build());
      engine.group("g").topics("u");
    }
    Path head = dir.resolve("groups/g/t/head");
    try (RandomAccessFile file = new RandomAccessFile(head.toFile(), "rw")) {
      file.write(new byte[4096]);
    }
    try (Engine engine = Engine.open(dir)) {
      Group group = engine.group("g");
      assertEquals(List.of("u"), group.topicNames());
      DamagedGroupException error =
          assertThrows(DamagedGroupException.class, () -> group.topics("t"));
      assertTrue(error.getMessage().contains(head.toString()), error.getMessage());
      assertEquals(1, engine.group("healthy").lag().get(0).unfinished());
    }
  }

  @Test
  void aDamagedConfigurationCostsThatGroupAndNothingElse() throws IOException {
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0");
      topic(engine).group("g", GroupConfig.defaults());
      topic(engine).group("healthy", GroupConfig.defaults());
    }
    Files.writeString(dir.resolve("groups/g/group.properties"), "maxAttempts=1\n");
    try (Engine engine = Engine.open(dir)) {
      assertEquals(List.of("g", "healthy"), engine.groups());
      assertThrows(DamagedStoreException.class, () -> engine.group("g"));
      assertThrows(
          DamagedStoreException.class, () -> engine.group("g", GroupConfig.defaults()));
      assertEquals(1, engine.group("healthy").lag().get(0).unfinished());
    }
  }

  @Test
  void aHalfMadeStateIsMadeAnew() throws IOException {
    try (Engine engine = Engine.open(dir)) {
      send(engine, "m0");
      topic(engine).group("g", GroupConfig.defaults());
    }
    Path state = dir.resolve("groups/g/t");
    Files.move(state.resolve("head"), state.resolve("head.tmp"));
    try (Engine engine = Engine.open(dir)) {
      assertEquals(List.of("m0"), texts(consumer(engine).receive(1, AT_ONCE)));
    }
  }

  @Test
  void aPartOfABlockOfSlotsAtTheEndIsIgnored() throws IOException {
    try (Engine engine = Engine.open(dir)) {
      String[] texts = new String[300];
      Arrays.fill(texts, "m");
      send(engine, texts);
      assertEquals(300, consumer(engine).receive(300, AT_ONCE).size());
    }
    Path slots = dir.resolve("groups/g/t/slots");
    long whole = Files.size(slots);
    assertEquals(4096 + 4 * 36_864, whole);
    try (RandomAccessFile file = new RandomAccessFile(slots.toFile(), "rw")) {
      file.setLength(whole + 5_000);
    }
    try (Engine engine = Engine.open(dir)) {
      assertEquals(300, stats(engine).retrying());
      List<Delivery> got = consumer(engine).receive(1_000, AT_ONCE);
      assertEquals(300, got.size());
      assertEquals(2, got.get(299).attempt());
    }
  }
}
