package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Engine;
import io.holdfast.engine.GroupConfig;
import io.holdfast.storage.format.FileHeader;
import java.io.IOException;
import java.nio.file.Path;
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
