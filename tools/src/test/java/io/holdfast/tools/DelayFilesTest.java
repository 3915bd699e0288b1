package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of delayed messages, as {@code dump} and {@code verify} show them. */
class DelayFilesTest {
  private static final int DELAYED = 1_100; // a close writes them
  private static final Instant FIRST = Instant.parse("2100-01-01T00:00:00Z");

  @TempDir Path store;

  @BeforeEach
  void make() {
    try (Engine engine = Engine.open(store)) {
      Topic topic = engine.topic("t", TopicConfig.defaults());
      List<Message> messages = new ArrayList<>();
      for (int i = DELAYED - 1; i >= 0; i--) {
        Instant due = FIRST.plusMillis(i);
        messages.add(Message.builder(new byte[1]).deliverAt(due).build());
      }
      try (Producer producer = topic.producer(ProducerConfig.named("p"));
          Consumer consumer = topic.group("g", GroupConfig.defaults()).consumer("c")) {
        producer.sendAll(messages);
        assertEquals(List.of(), consumer.receive(1, Duration.ZERO));
      }
      assertTrue(topic.cancel(7));
      assertTrue(topic.cancel(8));
    }
  }

  private Path file(String name) {
    return store.resolve("delays/t").resolve(name);
  }

  @Test
  void aRunIsShownInTheOrderOfItsTimes() {
    ToolRun run = ToolRun.of("dump", file("0000000001.run"));
    assertEquals(0, run.code(), run::err);
    List<String> lines = run.out().lines().toList();
    assertEquals(DELAYED + 1, lines.size());
    assertTrue(lines.get(0).startsWith("run  store "), lines.get(0));
    assertTrue(lines.get(1).endsWith("offset 1099"), lines.get(1));
    assertTrue(lines.get(DELAYED).endsWith("offset 0"), lines.get(DELAYED));
    List<String> json = ToolRun.of("dump", "--json", file("0000000001.run")).out().lines().toList();
    assertEquals(
        "{\"type\":\"delayed\",\"deliverAt\":\"2100-01-01T00:00:00.000Z\",\"offset\":1099}",
        json.get(0));
  }

  @Test
  void bitsAreShownAsRanges() {
    String delayed = ToolRun.of("dump", file("0000000000.delayed")).out();
    assertTrue(delayed.contains("offsets 0 to 1099"), delayed);
    String cancelled = ToolRun.of("dump", file("0000000000.cancelled")).out();
    assertTrue(cancelled.contains("offsets 7 to 8"), cancelled);
  }

  @Test
  void verifyFindsWhatWasFlipped() throws Exception {
    assertEquals(0, ToolRun.of("verify", store).code());
    ToolStore.flip(file("0000000001.run"), 4096 + 5);
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("block 0 is not what was written"), verify.out());
    Files.write(file("0000000000.cancelled"), new byte[4096]);
    assertTrue(ToolRun.of("verify", store).out().contains("none of its two copies"));
    ToolRun dump = ToolRun.of("dump", file("0000000001.run"));
    assertTrue(dump.out().contains("block 0  not valid"), dump.out());
  }
}
