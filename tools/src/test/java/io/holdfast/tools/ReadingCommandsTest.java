package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Consumer;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import io.holdfast.engine.GroupConfig;
import io.holdfast.engine.Message;
import io.holdfast.engine.OnFull;
import io.holdfast.engine.Producer;
import io.holdfast.engine.ProducerConfig;
import io.holdfast.engine.Retention;
import io.holdfast.engine.Topic;
import io.holdfast.engine.TopicConfig;
import io.holdfast.engine.WhenNoGroup;
import io.holdfast.storage.format.FileHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What info, dump and verify print of a whole store, word for word. */
class ReadingCommandsTest {
  @TempDir private Path temporary;
  private Path store;

  @BeforeEach
  void fill() {
    store = ToolStore.orders(temporary.resolve("store"));
  }

  private void golden(String name, Object... args) throws IOException {
    ToolRun run = ToolRun.of(args);
    assertEquals("", run.err());
    assertEquals(0, run.code());
    Golden.check(name, store, run.out());
  }

  @Test
  void infoShowsStoreTopicsAndGroups() throws IOException {
    golden("info", "info", store);
    golden("info-json", "info", store, "--json");
  }

  @Test
  void infoShowsPatternsWhereThereAre() {
    try (Engine engine = Engine.open(store)) {
      engine.group("audit", GroupConfig.defaults()).topics("orders", "shop.>", "*.eu");
    }
    String text = ToolRun.of("info", store).out();
    assertTrue(text.contains("GROUP  PATTERNS\naudit  *.eu shop.>\n"), text);
    String json = ToolRun.of("info", store, "--json").out();
    assertTrue(
        json.contains("{\"type\":\"patterns\",\"group\":\"audit\",\"patterns\":\"*.eu,shop.>\"}"),
        json);
  }

  @Test
  void infoShowsWhatIsNotAsByDefault() {
    try (Engine engine = Engine.open(store)) {
      TopicConfig config =
          TopicConfig.builder()
              .retention(Retention.byAge(Duration.ofDays(7)))
              .maxMessages(100_000)
              .onFull(OnFull.reject())
              .whenNoGroup(WhenNoGroup.DEAD_TOPIC)
              .build();
      Topic events = engine.topic("events", config);
      Instant later = Instant.parse("2100-01-01T00:00:00Z");
      Message message = Message.builder(new byte[0]).deliverAt(later).build();
      GroupConfig idle = GroupConfig.builder().expireAfter(Duration.ofDays(30)).build();
      Group group = events.group("audit", idle);
      try (Producer producer = events.producer(ProducerConfig.named("p"));
          Consumer consumer = group.consumer("c")) {
        producer.sendAll(Collections.nCopies(1_100, message)); // so many that a close writes them
        assertEquals(List.of(), consumer.receive(1, Duration.ZERO));
      }
      group.pause();
    }
    String text = ToolRun.of("info", store).out();
    for (String table :
        List.of(
            """
            TOPIC   RETENTION              MESSAGES  BYTES  ON FULL  NO GROUP
            events  forever;atMost=PT168H    100000      -  reject   DEAD_TOPIC
            """,
            """
            TOPIC   DELAYED
            events    1,100
            """,
            """
            GROUP  PAUSED  EXPIRES AFTER
            audit  yes     PT720H
            """)) {
      assertTrue(text.contains("\n" + table), text);
    }
    String json = ToolRun.of("info", store, "--json").out();
    for (String line :
        List.of(
            "{\"type\":\"delays\",\"topic\":\"events\",\"delayed\":1100}",
            "{\"type\":\"options\",\"group\":\"audit\",\"paused\":true,"
                + "\"expireAfter\":\"PT720H\"}")) {
      assertTrue(json.contains(line + "\n"), json);
    }
  }

  @Test
  void verifyFindsNothing() throws IOException {
    golden("verify", "verify", store);
    golden("verify-json", "verify", store, "--json");
  }

  @Test
  void dumpShowsMessages() throws IOException {
    golden("dump", "dump", store, "--topic", "orders");
    golden("dump-json", "dump", store, "--topic", "orders", "--json");
    golden("dump-from", "dump", store, "--topic", "orders", "--from", 1, "--limit", 1);
  }

  @Test
  void dumpShowsPayloadsInTheFormAskedFor() throws IOException {
    golden("dump-text", "dump", store, "--topic", "orders", "--payload", "text");
    golden("dump-hex", "dump", store, "--topic", "orders", "--payload", "hex", "--limit", 1);
    golden("dump-payload-json", "dump", store, "--topic", "orders", "--payload", "json");
    golden(
        "dump-json-json", "dump", store, "--topic", "orders", "--payload", "json", "--json");
  }

  @Test
  void dumpShowsRecords() throws IOException {
    golden("dump-records", "dump", store, "--topic", "orders", "--records");
    golden("dump-records-json", "dump", store, "--topic", "orders", "--records", "--json");
  }

  @Test
  void dumpTellsEachKindOfFileByItsFirstBytes() throws IOException {
    Path topic = store.resolve("topics/orders");
    Path group = store.resolve("groups/billing/orders");
    golden("file-segment", "dump", topic.resolve("0000000001.log"), "--limit", 1);
    Path rolled = ToolStore.rolled(temporary.resolve("rolled"));
    golden("file-index", "dump", rolled.resolve("topics/orders/0000000001.idx"));
    golden("file-properties", "dump", topic.resolve("topic.properties"));
    golden("file-control", "dump", store.resolve("store.ctl"));
    golden("file-head", "dump", group.resolve("head"));
    golden("file-slots", "dump", group.resolve("slots"));
    golden("file-slots-json", "dump", group.resolve("slots"), "--json");
    golden("file-done", "dump", group.resolve("0000000000.done"));
  }

  @Test
  void nothingThatASenderWroteReachesTheTerminalAsAnEscape() {
    for (String form : new String[] {"none", "text", "hex", "json"}) {
      ToolRun run = ToolRun.of("dump", store, "--payload", form);
      assertFalse(run.out().contains("\u001b"), form);
    }
  }

  @Test
  void helpOfEachCommandHasExamples() {
    for (String verb : new String[] {"demo", "produce", "consume", "info", "dump", "verify"}) {
      ToolRun run = ToolRun.of(verb, "--help");
      assertEquals(0, run.code());
      String examples = run.out().substring(run.out().indexOf("Examples:"));
      assertTrue(examples.contains("holdfast " + verb), run.out());
    }
    assertEquals(0, ToolRun.of("--help").code());
    assertTrue(ToolRun.of("--version").out().contains("format " + FileHeader.VERSION));
  }
}
