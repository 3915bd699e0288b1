package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.Engine;
import io.holdfast.storage.error.DamagedTopicException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that saves what is whole in a damaged topic. */
class RepairTest {
  @TempDir private Path temporary;
  private Path store;
  private Path segment;

  @BeforeEach
  void fill() {
    store = ToolStore.orders(temporary.resolve("store"));
    segment = ToolStore.segment(store, "orders", 1);
  }

  @Test
  void aTopicWithoutDamageIsLeftAsItIs() {
    for (String[] more : new String[][] {{}, {"--dry-run"}}) {
      ToolRun run =
          more.length == 0
              ? ToolRun.of("repair", store, "orders")
              : ToolRun.of("repair", store, "orders", more[0]);
      assertEquals(0, run.code(), run.err());
      assertEquals("orders: nothing to repair, offsets 0 to 3\n", run.out());
    }
  }

  @Test
  void aDryRunSaysWhatWouldBeLostAndChangesNothing() {
    ToolStore.flip(segment, ToolStore.position(segment, 1) + 40);
    ToolRun run = ToolRun.of("repair", store, "orders", "--dry-run");
    assertEquals(1, run.code(), run.err());
    assertTrue(run.out().contains("orders: damaged, and can be repaired"), run.out());
    assertTrue(run.out().contains("lost    offsets 1 to 1"), run.out());
    assertEquals(1, ToolRun.of("verify", store, "orders").code());
    assertTrue(Files.exists(segment));
  }

  @Test
  void aRepairedTopicOpensAndShowsItsGap() {
    ToolStore.flip(segment, ToolStore.position(segment, 1) + 40);
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      DamagedTopicException e =
          org.junit.jupiter.api.Assertions.assertThrows(
              DamagedTopicException.class, () -> engine.topic("orders"));
      assertTrue(e.getMessage().contains("holdfast repair"), e.getMessage());
    }
    ToolRun run = ToolRun.of("repair", store, "orders");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("3 messages, 1 lost"), run.out());
    assertTrue(run.out().contains("aside   quarantine/orders-salvage-1/0000000001.log"), run.out());
    ToolRun verify = ToolRun.of("verify", store, "orders");
    assertEquals(0, verify.code(), verify.out());
    assertTrue(verify.out().contains("offsets 1 to 1 are missing: salvaged"), verify.out());
    ToolRun dump = ToolRun.of("dump", store, "--topic", "orders");
    assertEquals(0, dump.code());
    assertTrue(dump.out().contains("1  GAP  up to 1"), dump.out());
    assertEquals(4, dump.out().lines().count(), dump.out());
    ToolRun json = ToolRun.of("dump", store, "--topic", "orders", "--json");
    assertTrue(json.out().contains("\"offset\":1,\"endOffset\":2"), json.out());
    try (Engine engine = Engine.open(store, ToolStore.noon())) {
      assertEquals(4, engine.topic("orders").endOffset());
    }
    assertTrue(
        ToolRun.of("repair", store, "orders", "--json").out().contains("\"not-needed\""));
  }

  @Test
  void whatCannotBeRepairedIsSaidInOneLine() {
    assertEquals(3, ToolRun.of("repair", store, "none").code());
    assertEquals(3, ToolRun.of("repair", temporary.resolve("none"), "orders").code());
    assertEquals(2, ToolRun.of("repair", store).code());
    ToolStore.flip(store.resolve("store.ctl"), 30);
    ToolStore.flip(store.resolve("store.ctl"), 2048 + 30);
    ToolRun run = ToolRun.of("repair", store, "orders");
    assertEquals(3, run.code());
    assertEquals(1, run.err().lines().count(), run.err());
  }
}
