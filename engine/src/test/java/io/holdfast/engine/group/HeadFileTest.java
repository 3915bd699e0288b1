package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.DamagedGroupException;
import io.holdfast.storage.file.MappedRegion;
import io.holdfast.storage.format.FileHeader;
import io.holdfast.storage.format.FileKind;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The head survives what a crash can do to one of its slots. */
class HeadFileTest {
  private static final Path FILE = Path.of("groups", "g", "t", "head");

  private final MappedRegion region = MappedRegion.onHeap(HeadLayout.CAPACITY);
  private final HeadFile head = new HeadFile(region);

  private static HeadFile.Content content(int i) {
    Counts counts = new Counts(i + 30, i + 40, i + 45, i + 46, i + 47, i + 48, i + 49);
    return new HeadFile.Content(i, i + 10, i + 20, counts, i + 55, i + 58, i + 50, i + 60);
  }

  @Test
  void whatWasWrittenLastIsRead() {
    for (int i = 1; i <= 5; i++) {
      head.write(content(i));
      assertEquals(content(i), new HeadFile(region).read(FILE));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {HeadLayout.LOW_WATER_MARK, HeadLayout.EXPIRED, HeadLayout.SEEK_TO, 120})
  void aTornSlotLeavesTheOneBefore(int torn) {
    head.write(content(1));
    head.write(content(2));
    int newest = HeadLayout.slot(0);
    region.buffer().putByte(newest + torn, (byte) 99);
    HeadFile again = new HeadFile(region);
    assertEquals(content(1), again.read(FILE));
    again.write(content(3));
    assertEquals(content(3), new HeadFile(region).read(FILE));
  }

  @Test
  void theSecondHalfOfAnotherWriteDoesNotCount() {
    head.write(content(1));
    byte[] half = new byte[HeadLayout.SLOT - HeadLayout.OLD_SLOT];
    region.buffer().getBytes(HeadLayout.slot(1) + HeadLayout.OLD_SLOT, half);
    head.write(content(2));
    head.write(content(3));
    region.buffer().putBytes(HeadLayout.slot(1) + HeadLayout.OLD_SLOT, half);
    assertEquals(content(2), new HeadFile(region).read(FILE));
  }

  @Test
  void anOlderHeadHasHalfOfTheFieldsAndTheOthersAreZero() {
    new FileHeader(FileKind.GROUP_HEAD, 2, new UUID(1, 2), 3, HeadLayout.CAPACITY, 4)
        .writeBlock(region.buffer(), 0);
    head.write(content(1));
    int more = HeadLayout.slot(1) + HeadLayout.OLD_SLOT;
    region.buffer().setMemory(more, HeadLayout.SLOT - HeadLayout.OLD_SLOT, (byte) 7);
    Counts counts = new Counts(31, 41, 46, 0, 0, 0, 0);
    assertEquals(
        new HeadFile.Content(1, 11, 21, counts, HeadFile.Content.NO_SEEK, 0, 51, 61),
        new HeadFile(region).read(FILE));
  }

  @Test
  void aHeadWithoutAWholeSlotIsRefusedWithItsPath() {
    DamagedGroupException error =
        assertThrows(DamagedGroupException.class, () -> head.read(FILE));
    assertTrue(error.getMessage().startsWith(FILE.toString()), error.getMessage());
  }
}
