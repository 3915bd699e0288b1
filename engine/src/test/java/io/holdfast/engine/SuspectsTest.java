package io.holdfast.engine;

import static io.holdfast.engine.TestStores.AT_ONCE;
import static io.holdfast.engine.TestStores.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.SlotLayout;
import io.holdfast.engine.group.SlotState;
import io.holdfast.engine.group.SlotWord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is blamed for the death of a process, and who is not. */
class SuspectsTest {
  private static final int MAX_ATTEMPTS = 3;
  private static final GroupConfig CONFIG =
      GroupConfig.builder()
          .maxAttempts(MAX_ATTEMPTS)
          .ackTimeout(Duration.ofMinutes(1))
          .backoff(Backoff.fixed(Duration.ofSeconds(1)))
          .build();

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Path store;
  private Engine engine;
  private int images;

  private void begin(int messages) {
    store = dir.resolve("store");
    open();
    Topic topic = engine.topic("t", TestStores.small().build());
    topic.group("g", CONFIG);
    try (Producer producer = topic.producer(ProducerConfig.named("p"))) {
      for (int i = 0; i < messages; i++) {
        producer.send(TestStores.message("m" + i));
      }
    }
  }

  private void open() {
    engine = Engine.open(store, EngineConfig.defaults().withClock(clock));
  }

  /** What the process leaves when it is killed now, opened by the next one. */
  private void die() {
    Path image = TestStores.image(store, dir.resolve("image" + images++));
    engine.close();
    store = image;
    open();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private List<Delivery> receive(String group, int max) {
    return engine.group(group).consumer("c").receive(max, AT_ONCE);
  }

  private static String failures(Delivery delivery) {
    return delivery.lastError().orElse("none");
  }

  @Test
  void theOnlyMessageThatWasOutHasFailedAndIsADeadLetterInTheEnd() {
    begin(2);
    for (int death = 1; death <= MAX_ATTEMPTS; death++) {
      List<Delivery> got = receive("g", 1);
      assertEquals(List.of("m0"), texts(got), "free at once");
      assertEquals(death, got.get(0).attempt());
      die();
    }
    assertEquals(List.of("m1"), texts(receive("g", 10)));
    assertEquals(1, engine.group("g").lag().get(0).dead());
    List<String> told = new ArrayList<>();
    try (Reader reader = engine.topic("t.g.dlq").reader(StartAt.earliest())) {
      reader.poll(
          letter ->
              told.add(
                  letter.header("dlq.reason").orElseThrow()
                      + ", failures " + letter.header("dlq.failures").orElseThrow()
                      + ", " + letter.header("dlq.error.message").orElseThrow()),
          10);
    }
    assertEquals(
        List.of("crash, failures 3, the process died while consumer c had it"), told);
  }

  @Test
  void ofSeveralNobodyIsBlamedAndOneAtATimeIsOutInTheWholeStore() {
    begin(4);
    engine.topic("t").group("h", CONFIG);
    receive("g", 2);
    receive("h", 1);
    die();
    List<Delivery> first = receive("g", 10);
    assertEquals(List.of("m0", "m2", "m3"), texts(first), "one suspect, and those that are none");
    assertEquals(
        List.of("m1", "m2", "m3"), texts(receive("h", 10)), "its suspect waits for the other");
    assertEquals("none", failures(first.get(0)));
    first.get(0).ack();
    List<Delivery> second = receive("h", 10);
    assertEquals(List.of("m0"), texts(second), "the next suspect");
    assertEquals(List.of(), receive("g", 10));
    second.get(0).nack(new IllegalStateException());
    assertEquals(List.of("m1"), texts(receive("g", 10)));
  }

  @Test
  void aSecondDeathNamesTheSuspectThatWasOutAndNotItsNeighbours() {
    begin(4);
    receive("g", 2);
    die();
    assertEquals(List.of("m0", "m2", "m3"), texts(receive("g", 10)));
    die();
    List<Delivery> got = receive("g", 10);
    assertEquals(1, got.size(), "all others are suspects now, and wait");
    assertEquals("m0", TestStores.text(got.get(0)));
    assertTrue(failures(got.get(0)).startsWith("crash"), failures(got.get(0)));
    got.get(0).ack();
    for (String neighbour : List.of("m1", "m2", "m3")) {
      List<Delivery> next = receive("g", 10);
      assertEquals(List.of(neighbour), texts(next));
      assertEquals("none", failures(next.get(0)), neighbour);
      next.get(0).ack();
    }
  }

  @Test
  void aSuspectThatIsGivenBackStaysOneAndOneThatFailedIsNoneAnyMore() {
    begin(2);
    receive("g", 2);
    die();
    Delivery first = receive("g", 10).get(0);
    first.release();
    List<Delivery> second = receive("g", 10);
    assertEquals(List.of("m1"), texts(second), "the first was not worked on, and is one still");
    second.get(0).nack(new IllegalStateException());
    assertEquals(List.of("m0"), texts(receive("g", 10)));
    clock.advance(Duration.ofSeconds(1));
    assertEquals(List.of("m1"), texts(receive("g", 10)), "beside a suspect");
  }

  @Test
  void aSuspectWhoseLeaseRunsOutMakesRoomForTheNext() {
    begin(2);
    receive("g", 2);
    die();
    assertEquals(List.of("m0"), texts(receive("g", 10)));
    clock.advance(Duration.ofMinutes(1));
    engine.tick();
    assertEquals(List.of("m1"), texts(receive("g", 10)));
  }

  @Test
  void aCloseCountsNothing() {
    begin(1);
    receive("g", 1);
    engine.close();
    open();
    Delivery got = receive("g", 1).get(0);
    assertEquals("none", failures(got));
    assertEquals(2, got.attempt());
  }

  /** A process that is killed while it makes suspects of two leaves one of each. */
  @Test
  void anOpeningThatIsCutShortDoesNotMakeTheLastOneTheOnlyOne() throws IOException {
    begin(2);
    receive("g", 2);
    Path image = TestStores.image(store, dir.resolve("cut-short"));
    engine.close();
    Path slots = image.resolve("groups/g/t/slots");
    try (FileChannel file =
        FileChannel.open(slots, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      file.read(word, SlotLayout.FIRST_BLOCK);
      assertEquals(SlotState.RUNNING, SlotWord.state(word.getLong(0)));
      long suspect = 3L << 60 | 1L << 59 | word.getLong(0) & (1L << 59) - 1;
      assertEquals(SlotState.AVAILABLE, SlotWord.state(suspect));
      assertTrue(SlotWord.isSuspect(suspect));
      file.write(ByteBuffer.allocate(Long.BYTES), SlotLayout.FIRST_BLOCK + SlotLayout.DEADLINE);
      word.putLong(0, suspect);
      file.write(word.rewind(), SlotLayout.FIRST_BLOCK);
    }
    store = image;
    open();
    for (int i = 0; i < 2; i++) {
      List<Delivery> got = receive("g", 10);
      assertEquals(1, got.size(), "both are suspects");
      assertEquals("none", failures(got.get(0)));
      got.get(0).ack();
    }
  }
}
