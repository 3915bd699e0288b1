package io.holdfast.storage.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.StorageIoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedRegionTest {
  @TempDir Path directory;

  private Path file(long bytes) {
    Path file = directory.resolve("f");
    DurableFiles.allocate(file, bytes);
    return file;
  }

  @Test
  void whatIsStoredIsInTheFile() throws IOException {
    Path file = file(16_384);
    try (MappedRegion region = MappedRegion.map(file)) {
      region.buffer().putLong(8_192, 0x1122334455667788L);
      region.force(8_192, 8);
    }
    assertEquals((byte) 0x88, Files.readAllBytes(file)[8_192]);
  }

  @Test
  void aPartIsMappedWithItsOwnIndexes() throws IOException {
    Path file = file(40_960);
    try (MappedRegion region = MappedRegion.map(file, 4_096, 36_864)) {
      assertEquals(36_864, region.capacity());
      region.buffer().putByte(0, (byte) 9);
      region.force();
    }
    assertEquals(9, Files.readAllBytes(file)[4_096]);
  }

  @Test
  void twoMapsOfAFileShowTheSameBytes() {
    Path file = file(4_096);
    try (MappedRegion writer = MappedRegion.map(file);
        MappedRegion reader = MappedRegion.mapReadOnly(file)) {
      writer.buffer().putInt(100, 77);
      assertEquals(77, reader.buffer().getInt(100));
      assertThrows(StorageIoException.class, () -> reader.force(0, 1));
    }
  }

  @Test
  void anInterruptedThreadCanMap() {
    Path file = file(4_096);
    Thread.currentThread().interrupt();
    try (MappedRegion region = MappedRegion.map(file)) {
      assertEquals(0, region.buffer().getLong(0));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aClosedRegionHasNoBytes() {
    MappedRegion region = MappedRegion.map(file(4_096));
    region.close();
    region.close();
    assertThrows(IndexOutOfBoundsException.class, () -> region.buffer().getByte(0));
    assertThrows(StorageIoException.class, () -> region.force(0, 1));
  }

  @Test
  void aMissingFileALinkAndAShortFileAreNamed() throws IOException {
    Path missing = directory.resolve("missing");
    assertThrows(StorageIoException.class, () -> MappedRegion.map(missing));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file(4_096));
    assertThrows(StorageIoException.class, () -> MappedRegion.map(link));
    assertThrows(
        StorageIoException.class, () -> MappedRegion.map(directory.resolve("f"), 0, 8_192));
  }

  @Test
  void aHeapRegionServesTests() {
    try (MappedRegion region = MappedRegion.onHeap(64)) {
      region.buffer().putLong(8, 5);
      region.force();
      assertEquals(5, region.buffer().getLong(8));
    }
  }

  @Test
  void aRegionOverGivenMemoryForcesAsItIsTold() {
    List<String> forced = new ArrayList<>();
    MappedRegion region =
        MappedRegion.of(
            Path.of("given"),
            new UnsafeBuffer(new byte[64]),
            (from, length) -> {
              forced.add(from + "+" + length);
              if (from > 8) {
                throw new IOException("the device is gone");
              }
            });
    region.force(8, 16);
    region.force(8, 0);
    StorageIoException failed =
        assertThrows(StorageIoException.class, () -> region.force(16, 8));
    assertTrue(failed.getMessage().contains("given"), failed.getMessage());
    assertTrue(failed.getMessage().contains("the device is gone"), failed.getMessage());
    region.close();
    assertThrows(IndexOutOfBoundsException.class, () -> region.buffer().getByte(0));
    assertThrows(StorageIoException.class, () -> region.force(0, 1));
    assertEquals(64, region.capacity());
    assertEquals(List.of("8+16", "16+8"), forced);
  }

  @Test
  void theErrorOfAFailedForceNamesTheFileWhereItIsNow() throws IOException {
    Path before = Files.write(directory.resolve("before"), new byte[4096]);
    Path after = directory.resolve("after");
    MappedRegion region = MappedRegion.map(before);
    Files.move(before, after);
    region.moved(after);
    region.close();
    String message = assertThrows(StorageIoException.class, region::force).getMessage();
    assertTrue(message.contains(after.toString()), message);
  }
}
