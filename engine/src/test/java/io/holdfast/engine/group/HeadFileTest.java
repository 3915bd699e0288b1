package io.holdfast.engine.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.DamagedGroupException;
import io.holdfast.storage.file.MappedRegion;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The head survives what a crash can do to one of its slots. */
class HeadFileTest {
  private static final Path FILE = Path.of("groups", "g", "t", "head");

  private final MappedRegion region = MappedRegion.onHeap(HeadLayout.CAPACITY);
  private final HeadFile head = new HeadFile(region);

  private static HeadFile.Content content(int i) {
    return new HeadFile.Content(i, i + 10L, i + 20L, i + 30L, i + 40L, i + 45L, i + 50, i + 60);
  }

  @Test
  void whatWasWrittenLastIsRead() {
    for (int i = 1; i <= 5; i++) {
      head.write(content(i));
      assertEquals(content(i), new HeadFile(region).read(FILE));
    }
  }

  @Test
  void aTornSlotLeavesTheOneBefore() {
    head.write(content(1));
    head.write(content(2));
    int newest = HeadLayout.slot(0);
    region.buffer().putByte(newest + HeadLayout.LOW_WATER_MARK, (byte) 99);
    HeadFile again = new HeadFile(region);
    assertEquals(content(1), again.read(FILE));
    again.write(content(3));
    assertEquals(content(3), new HeadFile(region).read(FILE));
  }

  @Test
  void aHeadWithoutAWholeSlotIsRefusedWithItsPath() {
    DamagedGroupException error =
        assertThrows(DamagedGroupException.class, () -> head.read(FILE));
    assertTrue(error.getMessage().startsWith(FILE.toString()), error.getMessage());
  }
}
