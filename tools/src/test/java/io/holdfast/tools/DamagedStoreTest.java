package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.group.HeadLayout;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the reading commands say of stores that are damaged, newer, or none at all. */
class DamagedStoreTest {
  @TempDir private Path temporary;
  private Path store;
  private Path segment;

  @BeforeEach
  void fill() {
    store = ToolStore.orders(temporary.resolve("store"));
    segment = ToolStore.segment(store, "orders", 1);
  }

  @Test
  void aFlippedByteIsNamedWithFilePositionAndOffset() throws IOException {
    int position = ToolStore.position(segment, 1);
    ToolStore.flip(segment, position + 40);
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    Golden.check("flipped-verify", store, verify.out());
    ToolRun json = ToolRun.of("verify", store, "orders", "--json");
    assertEquals(1, json.code());
    Golden.check("flipped-verify-json", store, json.out());
    assertTrue(
        verify
            .out()
            .contains("topics/orders/0000000001.log, position " + position + " to"),
        verify.out());
  }

  @Test
  void aDumpGoesOnBehindABadRecordAndEndsWith1() throws IOException {
    ToolStore.flip(segment, ToolStore.position(segment, 1) + 40);
    ToolRun dump = ToolRun.of("dump", store, "--topic", "orders");
    assertEquals(1, dump.code());
    Golden.check("flipped-dump", store, dump.out());
    ToolRun json = ToolRun.of("dump", segment, "--json", "--records");
    assertEquals(1, json.code());
    Golden.check("flipped-dump-json", store, json.out());
  }

  @Test
  void aCutSegmentIsDamageAndItsMessagesAreStillShown() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.setLength(ToolStore.position(segment, 2));
    }
    ToolRun verify = ToolRun.of("verify", store, "orders");
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("it was cut or grown"), verify.out());
    assertTrue(verify.out().contains("offset 2 to 3"), verify.out());
    assertEquals(2, ToolRun.of("dump", store, "--topic", "orders").out().lines().count());
  }

  @Test
  void aSegmentWithoutAValidHeaderIsNamedAndTheRestIsRead() throws IOException {
    long last = Files.size(segment) - FileHeader.BLOCK + SegmentLayout.FOOTER_HEADER;
    for (long copy : new long[] {0, FileHeader.SECOND_COPY, last}) {
      ToolStore.flip(segment, copy + 41);
    }
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("none of its three copies"), verify.out());
    assertTrue(verify.out().contains("orders.billing.dlq: ok"), verify.out());
    ToolRun dump = ToolRun.of("dump", segment);
    assertEquals(1, dump.code());
    assertTrue(dump.out().contains("BAD"), dump.out());
  }

  @Test
  void aDamagedControlFileDoesNotKeepTheTopicsFromBeingRead() throws IOException {
    ToolStore.flip(store.resolve("store.ctl"), 30);
    ToolStore.flip(store.resolve("store.ctl"), FileHeader.SECOND_COPY + 30);
    assertEquals(1, ToolRun.of("verify", store).code());
    ToolRun info = ToolRun.of("info", store);
    assertEquals(1, info.code());
    assertTrue(info.err().contains("store.ctl"), info.err());
    assertTrue(info.out().contains("orders"), info.out());
    assertEquals(0, ToolRun.of("dump", store, "--topic", "orders").code());
    ToolRun produce = ToolRun.withInput("x\n", "produce", store, "orders");
    assertEquals(3, produce.code());
    assertEquals(1, produce.err().lines().count(), produce.err());
  }

  @Test
  void damagedPropertiesOfATopicAreAProblemOfThatTopic() {
    ToolStore.flip(store.resolve("topics/orders/topic.properties"), 80);
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("topic.properties"), verify.out());
    assertEquals(1, ToolRun.of("info", store).code());
  }

  @Test
  void damagedStateOfAGroupIsNamed() {
    Path head = store.resolve("groups/billing/orders/head");
    ToolStore.flip(head, HeadLayout.slot(0));
    ToolRun one = ToolRun.of("verify", store);
    assertEquals(0, one.code(), one.out());
    assertTrue(one.out().contains("note    groups/billing/orders/head"), one.out());
    ToolStore.flip(head, HeadLayout.slot(1));
    ToolRun both = ToolRun.of("verify", store);
    assertEquals(1, both.code());
    assertTrue(both.out().contains("expected a valid slot, found none"), both.out());
    assertTrue(both.out().contains("the store is DAMAGED"), both.out());
    assertEquals(1, ToolRun.of("info", store).code());
    ToolStore.flip(store.resolve("groups/billing/group.properties"), 70);
    ToolRun json = ToolRun.of("verify", store, "--json");
    assertTrue(json.out().contains("group.properties"), json.out());
    assertTrue(json.out().contains("\"damaged\":true"), json.out());
  }

  @Test
  void aNewerFormatIsRefusedWithOneLine() throws IOException {
    raiseVersion(store.resolve("store.ctl"));
    for (String verb : new String[] {"info", "dump", "verify"}) {
      ToolRun run = ToolRun.of(verb, store);
      assertEquals(3, run.code());
      assertEquals("", run.out());
      assertTrue(run.err().contains("use a newer one"), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }

  @Test
  void aNewerSegmentIsAFaultOfItsTopic() throws IOException {
    raiseVersion(segment);
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("use a newer one"), verify.out());
    assertTrue(verify.out().contains("verify it with a newer Holdfast"), verify.out());
    assertTrue(!verify.out().contains("backup"), verify.out());
    assertEquals(3, ToolRun.of("dump", segment).code());
  }

  @Test
  void aNewerFileOfAGroupIsAFaultAndTheOthersAreChecked() throws IOException {
    raiseVersion(store.resolve("groups/billing/orders/head"));
    Files.delete(store.resolve("groups/billing/orders/slots"));
    ToolRun verify = ToolRun.of("verify", store);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("orders/head, position 0: "), verify.out());
    assertTrue(verify.out().contains("orders/slots, position 0: "), verify.out());
    assertTrue(verify.out().contains("use the Holdfast that wrote it"), verify.out());
  }

  /** Both copies say that a reader of version 9 is needed, with a right checksum. */
  private static void raiseVersion(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    for (int copy : new int[] {0, FileHeader.SECOND_COPY}) {
      ByteBuffer header = ByteBuffer.wrap(content, copy, 64).slice();
      header.order(ByteOrder.LITTLE_ENDIAN).putShort(8, (short) 9).putShort(10, (short) 9);
      CRC32C crc = new CRC32C();
      crc.update(content, copy, 60);
      header.putInt(60, (int) crc.getValue());
    }
    Files.write(file, content);
  }

  @Test
  void whatIsNoStoreCannotBeOpened() throws IOException {
    Path other = Files.createDirectory(temporary.resolve("other"));
    Files.writeString(other.resolve("letter.txt"), "Dear Sir or Madam");
    for (Path path : new Path[] {other, other.resolve("letter.txt"), temporary.resolve("none")}) {
      for (String verb : new String[] {"info", "dump", "verify"}) {
        ToolRun run = ToolRun.of(verb, path);
        assertEquals(3, run.code(), verb + " " + path);
        assertEquals(1, run.err().lines().count(), run.err());
      }
    }
    ToolRun consume = ToolRun.of("consume", temporary.resolve("none"), "t", "--group", "g");
    assertEquals(3, consume.code());
    assertTrue(Files.notExists(temporary.resolve("none")));
    assertEquals(3, ToolRun.withInput("x\n", "produce", other, "t").code());
    assertEquals(3, ToolRun.of("dump", store, "--topic", "nope").code());
    ToolRun demo = ToolRun.of("demo", "--dir", other.resolve("letter.txt/below"));
    assertEquals(3, demo.code(), demo::toString);
    assertEquals("", demo.out());
  }
}
