package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.DamagedTopicException;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import io.holdfast.storage.format.SegmentLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that state what cannot be, under valid checksums: no hang, no crash, no silent loss. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileFileTest {
  private static final int MESSAGES = 3_000;

  @TempDir(factory = MemoryTempDir.class)
  Path temporary;

  private Path store;
  private Path segment;
  private Path index;
  private UUID storeId;
  private long salt;

  @BeforeEach
  void makeStore() {
    store = temporary.resolve("store");
    try (Store open = LogFixture.open(store)) {
      storeId = open.id();
      TopicLog log = open.createTopic("t", LogFixture.small(Durability.powerLoss()));
      LogFixture.append(log, MESSAGES, 1_000);
      salt = log.segments().first().salt();
    }
    segment = DiskFixture.segment(store, "t", 1);
    index = segment.resolveSibling("0000000001.idx");
  }

  @ParameterizedTest
  @CsvSource({
    "-2147483648, 1048576",
    "-9223372036854775808, 1048576",
    "9223372036854775807, 1048576",
    "0, 1048576",
    "10000, 10000",
    "1044483, 1044483",
    "1073741824, 1073745920",
    "1048576, 4000",
    "1048576, 0"
  })
  void aSegmentOfImpossibleSizeIsRefusedAndLeftAsItIs(long capacity, long length)
      throws IOException {
    byte[] block = new byte[FileHeader.BLOCK];
    FileHeader.of(FileKind.SEGMENT, storeId, salt, capacity, 0)
        .writeBlock(new UnsafeBuffer(block), 0);
    DiskFixture.overwrite(segment, 0, block);
    DiskFixture.truncate(segment, length);
    try (Store open = LogFixture.open(store)) {
      assertThrows(DamagedTopicException.class, () -> open.topic("t"));
    }
    assertEquals(length, Files.size(segment));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 8, 4_000, 5_000, 1 << 20})
  void anIndexOfAnySizeIsPassedOver(long length) throws IOException {
    DiskFixture.truncate(index, length);
    Path last = index;
    for (int i = 2; Files.exists(DiskFixture.segment(store, "t", i)); i++) {
      last = index.resolveSibling("%010d.idx".formatted(i));
    }
    DiskFixture.truncate(last, length);
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.topic("t").orElseThrow();
      assertEquals(500, LogFixture.offsets(log, 500).get(0));
      assertEquals(MESSAGES - 1, LogFixture.offsets(log, MESSAGES - 1).get(0));
    }
  }

  @Test
  void aFooterThatContradictsItsSegmentIsNotBelieved() {
    byte[] footer = DiskFixture.read(segment, (1 << 20) - 4096, SegmentLayout.FOOTER_LENGTH);
    UnsafeBuffer fields = new UnsafeBuffer(footer);
    fields.putLong(SegmentLayout.FOOTER_END_OFFSET, 7);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(footer, 0, SegmentLayout.FOOTER_CRC);
    fields.putInt(SegmentLayout.FOOTER_CRC, (int) crc.getValue());
    DiskFixture.overwrite(segment, (1 << 20) - 4096, footer);
    try (Store open = LogFixture.open(store)) {
      assertEquals(MESSAGES, LogFixture.offsets(open.topic("t").orElseThrow(), 0).size());
    }
  }

  /** Each word of the payload is a length of 8 MiB, a type, and an offset that could follow. */
  @Test
  void messagesFullOfWhatLooksLikeRecordsDoNotMakeRecoveryEndless() {
    byte[] payload = new byte[16 << 20];
    for (int i = 0; i < payload.length; i += 8) {
      payload[i] = 2;
      payload[i + 2] = (byte) 0x80;
    }
    TopicSettings large =
        new TopicSettings(
            Durability.processCrash(), 128 << 20, payload.length, new java.util.TreeMap<>());
    Path crashed = temporary.resolve("crashed");
    try (Store open = LogFixture.open(store)) {
      TopicLog log = open.createTopic("large", large);
      RecordBatch batch = log.newBatch();
      batch.add(new byte[0], 0, payload, 0, payload.length);
      log.append(batch);
      DiskFixture.crashed(open, crashed);
    }
    Path torn = DiskFixture.segment(crashed, "large", 2); // the first is too small for it
    DiskFixture.flip(torn, DiskFixture.position(torn, 0) + 100);
    try (Store open = LogFixture.open(crashed)) {
      TopicRecovery recovery = open.recovery().get(0);
      assertEquals(TopicRecovery.Outcome.TORN_TAIL, recovery.outcome());
      assertTrue(recovery.endOffset() == 0, recovery.detail());
    }
  }
}
