package io.holdfast.engine.dedup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.engine.error.DamagedDedupException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The window of a producer against a plain map, and the table that windows are carried in. */
class SequenceWindowTest {
  private static final int SIZE = SequenceWindow.SIZE;

  /** What a window should know, slowly. */
  private static final class Model {
    private final TreeMap<Long, Long> known = new TreeMap<>();
    private long floor = -1;

    long find(long sequence) {
      Long offset = known.get(sequence);
      if (offset != null) {
        return offset;
      }
      boolean isFull = known.size() == SIZE && sequence < known.firstKey();
      return sequence <= floor || isFull ? SequenceWindow.TOO_OLD : SequenceWindow.ABSENT;
    }

    void add(long sequence, long offset) {
      known.put(sequence, offset);
      if (known.size() > SIZE) {
        floor = Math.max(floor, known.pollFirstEntry().getKey());
      }
    }
  }

  private static Map<String, SequenceWindow> carried(Map<String, SequenceWindow> windows) {
    byte[] table = SequenceTableWriter.write(windows, 1 << 20);
    return SequenceTableReader.read(table, windows.size(), "here");
  }

  @Test
  void aWindowKnowsWhatAPlainMapKnowsAlsoAfterItWasCarried() {
    long seed = System.nanoTime();
    System.out.println("SequenceWindowTest seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      SequenceWindow window = new SequenceWindow(SequenceWindow.NO_FLOOR);
      Model model = new Model();
      int spread = 1 << random.nextInt(14);
      long next = random.nextInt(4) == 0 ? Long.MAX_VALUE - 20_000 : random.nextInt(100);
      long offset = 0;
      for (int i = 0; i < 3_000; i++) {
        boolean isAhead = random.nextInt(3) > 0;
        long sequence =
            isAhead
                ? next + random.nextInt(random.nextInt(10) == 0 ? 4 : 1)
                : Math.max(0, next - random.nextInt(spread));
        long found = window.find(sequence);
        assertEquals(model.find(sequence), found, () -> "sequence " + sequence);
        if (found == SequenceWindow.ABSENT) {
          offset += random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1;
          window.add(sequence, offset);
          model.add(sequence, offset);
          next = Math.max(next, sequence + 1);
        }
        if (random.nextInt(300) == 0) {
          window = carried(Map.of("p", window)).get("p");
        }
      }
      assertEquals(model.known.size(), window.entries());
      assertEquals(model.known.lastKey(), window.last());
    }
  }

  @Test
  void oneProducerAloneIsOneRun() {
    SequenceWindow window = new SequenceWindow(SequenceWindow.NO_FLOOR);
    for (int i = 0; i < 10_000; i++) {
      window.add(i, 1_000_000 + i);
    }
    assertEquals(1, window.runs());
    assertTrue(SequenceTableWriter.write(Map.of("p", window), 1_000).length < 15);
  }

  @Test
  void windowsShrinkWhereTheTableWouldBeTooLargeAndNothingBecomesNew() {
    Map<String, SequenceWindow> windows = new HashMap<>();
    for (int p = 0; p < 50; p++) {
      SequenceWindow window = new SequenceWindow(SequenceWindow.NO_FLOOR);
      for (int i = 0; i < SIZE; i++) {
        window.add(2L * i, 1_000L * i); // no two of them in a run
      }
      windows.put("p" + p, window);
    }
    byte[] whole = SequenceTableWriter.write(windows, 1 << 20);
    assertTrue(whole.length > 100_000, whole.length + " bytes");
    byte[] table = SequenceTableWriter.write(windows, 20_000);
    assertTrue(table.length <= 20_000 && table.length > 5_000, table.length + " bytes");
    Map<String, SequenceWindow> read = SequenceTableReader.read(table, 50, "here");
    for (SequenceWindow window : read.values()) {
      assertEquals(2L * SIZE - 2, window.last());
      int known = 0;
      for (int i = 0; i < SIZE; i++) {
        long found = window.find(2L * i);
        assertTrue(found == 1_000L * i || found == SequenceWindow.TOO_OLD && known == 0);
        known += found >= 0 ? 1 : 0;
      }
      assertTrue(known > 10, known + " known");
      assertEquals(SequenceWindow.TOO_OLD, window.find(1));
    }
  }

  @Test
  void tenThousandProducersFitIntoTheLargestTable() {
    assertEquals(10_000, SequenceTable.mostNames(1 << 20));
    Map<String, SequenceWindow> windows = new HashMap<>();
    for (int p = 0; p < SequenceTable.MOST_NAMES; p++) {
      SequenceWindow window = new SequenceWindow(SequenceWindow.NO_FLOOR);
      window.add(Long.MAX_VALUE - 10_000 + p, (1L << 48) - p);
      window.add(Long.MAX_VALUE, 1L << 40);
      windows.put("%064d".formatted(p), window);
    }
    byte[] table = SequenceTableWriter.write(windows, 1 << 20);
    assertTrue(table.length <= 1 << 20, table.length + " bytes");
    assertEquals(10_000, SequenceTableReader.read(table, 10_000, "here").size());
  }

  @Test
  void memoryIsBoundedToo() {
    SequenceTable table = new SequenceTable(Map.of());
    for (int p = 0; p < 300; p++) {
      table.beginChange();
      for (int i = 0; i < SIZE; i++) {
        table.add("p" + p, 2L * i, 1_000L * i, SequenceWindow.NO_FLOOR);
      }
      table.endChange();
    }
    int runs = 0;
    for (int p = 0; p < 300; p++) {
      runs += table.of("p" + p).runs();
      assertEquals(2L * SIZE - 2, table.last("p" + p).orElseThrow());
    }
    assertTrue(runs <= SequenceTable.MOST_RUNS, runs + " runs");
    assertTrue(table.estimate() > 0);
  }

  @Test
  void aTableThatIsNotWellFormedIsRefusedAndNothingElseHappens() {
    long seed = System.nanoTime();
    System.out.println("SequenceWindowTest seed " + seed);
    Random random = new Random(seed);
    SequenceWindow window = new SequenceWindow(5);
    window.add(9, 3);
    window.add(11, 4);
    byte[] table = SequenceTableWriter.write(Map.of("shop-1", window), 1_000);
    for (int i = 0; i < 20_000; i++) {
      byte[] hostile = Arrays.copyOf(table, random.nextInt(table.length + 3));
      for (int flips = random.nextInt(4); flips >= 0 && hostile.length > 0; flips--) {
        hostile[random.nextInt(hostile.length)] = (byte) random.nextInt();
      }
      try {
        SequenceTableReader.read(hostile, 1, "here").values().forEach(SequenceWindow::last);
      } catch (DamagedDedupException e) {
        assertTrue(e.getMessage().startsWith("here: "), e.getMessage());
      }
    }
    assertThrows(DamagedDedupException.class, () -> SequenceTableReader.read(table, 2, "here"));
  }
}
