package io.holdfast.engine;

import static io.holdfast.engine.TestStores.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holdfast.engine.error.AlreadyClosedException;
import io.holdfast.storage.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader begins where it is told and goes on in order. */
class ReaderTest {
  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Engine engine;
  private Topic topic;
  private Producer producer;

  @BeforeEach
  void open() {
    engine = Engine.open(dir, EngineConfig.defaults().withClock(clock));
    topic = engine.topic("t", TestStores.small().durability(Durability.processCrash()).build());
    producer = topic.producer(ProducerConfig.named("p"));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private List<Long> offsets(StartAt start) {
    List<Long> offsets = new ArrayList<>();
    try (Reader reader = topic.reader(start)) {
      while (reader.poll(view -> offsets.add(view.offset()), 2) > 0) {
        // to the end
      }
    }
    return offsets;
  }

  @Test
  void itBeginsWhereItIsTold() {
    Instant begin = Instant.ofEpochMilli(clock.time());
    for (int i = 0; i < 4; i++) {
      producer.send(message("m" + i));
      clock.advance(Duration.ofSeconds(1));
    }
    assertEquals(List.of(0L, 1L, 2L, 3L), offsets(StartAt.earliest()));
    assertEquals(List.of(2L, 3L), offsets(StartAt.offset(2)));
    assertEquals(List.of(), offsets(StartAt.latest()));
    assertEquals(List.of(2L, 3L), offsets(StartAt.time(begin.plusMillis(1_001))));
    assertEquals(List.of(0L, 1L, 2L, 3L), offsets(StartAt.time(Instant.EPOCH)));
    assertEquals(List.of(), offsets(StartAt.time(begin.plusSeconds(60))));
    assertThrows(IllegalArgumentException.class, () -> StartAt.offset(-1));
  }

  @Test
  void aReaderOfWhatIsToComeWaitsForIt() {
    try (Reader latest = topic.reader(StartAt.latest());
        Reader third = topic.reader(StartAt.offset(2))) {
      List<Long> seen = new ArrayList<>();
      assertEquals(0, latest.poll(view -> seen.add(view.offset()), 10));
      for (int i = 0; i < 4; i++) {
        producer.send(message("m" + i));
        third.poll(view -> seen.add(10 + view.offset()), 10);
      }
      assertEquals(4, latest.poll(view -> seen.add(view.offset()), 10));
      assertEquals(List.of(12L, 13L, 0L, 1L, 2L, 3L), seen);
      assertEquals(4, latest.offset());
    }
  }

  @Test
  void aViewShowsEverythingThatWasSent() {
    Message sent =
        Message.builder(new byte[] {7, 8}).key("k").subject("s").header("h", "v").build();
    Receipt receipt = producer.send(sent);
    try (Reader reader = topic.reader(StartAt.earliest())) {
      int handled =
          reader.poll(
              view -> {
                assertEquals(receipt.messageId(), view.messageId());
                assertEquals(receipt.timestamp(), view.timestamp());
                assertEquals("k", view.key().orElseThrow());
                assertEquals("s", view.subject().orElseThrow());
                assertEquals("v", view.header("h").orElseThrow());
                assertEquals(sent.headers(), view.headers());
                assertEquals("p", view.producer().orElseThrow());
                int from = view.payloadOffset();
                byte[] payload =
                    Arrays.copyOfRange(view.array(), from, from + view.payloadLength());
                assertArrayEquals(sent.payload(), payload);
                assertArrayEquals(sent.payload(), view.toMessage().payload());
              },
              10);
      assertEquals(1, handled);
    }
  }

  @Test
  void aClosedReaderSaysSo() {
    Reader reader = topic.reader(StartAt.earliest());
    reader.close();
    reader.close();
    assertThrows(AlreadyClosedException.class, () -> reader.poll(view -> {}, 1));
  }
}
