package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.check.SegmentFiles;
import io.holdfast.storage.error.DamagedStoreException;
import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.PropertiesFile;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan of a salvage that was cut short, as the next one reads it. */
class SalvagePlanTest {
  @TempDir(factory = MemoryTempDir.class)
  Path topic;

  private SalvagePlan written(String key, String value) {
    TreeMap<String, String> lines = new TreeMap<>();
    lines.put("quarantine", "t-salvage-1");
    lines.put("copied", "7");
    lines.put("timesEstimated", "true");
    lines.put("moved.4", "4-6+1");
    lines.put(key, value);
    DurableFiles.makeDirectories(SegmentFiles.salvage(topic));
    PropertiesFile.write(SegmentFiles.salvagePlan(topic), lines);
    return SalvagePlan.read(topic);
  }

  @Test
  void rangesAreReadAsTheNumbersInThem() {
    SalvagePlan plan = written("gap.0000000000000000003", "9");
    assertEquals("{4=5, 5=6, 6=7}", plan.moved().toString());
    assertEquals(new SalvageReport.Gap(3, 9), plan.gaps().get(0));
    assertEquals(7, plan.copied());
  }

  @ParameterizedTest
  @CsvSource({
    "aside.1, 0-9999999999+0",
    "made.1, 1-1000001+0",
    "moved.4, 4-",
    "gap.0000000000000000003, many",
    "gap.three, 9",
    "copied, 99999999999999999999",
    "quarantine, ../elsewhere",
  })
  void whatNoSalvageWritesNamesTheFileAndAsksForNoMemory(String key, String value) {
    String refused =
        assertThrows(DamagedStoreException.class, () -> written(key, value)).getMessage();
    assertTrue(refused.contains("salvage/plan: expected"), refused);
  }
}
