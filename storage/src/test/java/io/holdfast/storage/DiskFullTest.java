package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFullTest {
  @TempDir Path directory;

  /** A limit on the size of files stands for a full disk. */
  @Test
  void aFullDiskIsANamedErrorAtTheRollAndAppendsGoOnByThemselvesWhenThereIsRoom()
      throws Exception {
    Process child = StoreChild.fill(directory);
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), said);
    assertEquals(2, refusals(said), said);
    Matcher confirmed = Pattern.compile("confirmed (\\d+), later (\\d+)").matcher(said);
    assertTrue(confirmed.find(), said);
    long end = Long.parseLong(confirmed.group(1));
    assertTrue(end >= 1_000, said);
    assertEquals(end, Long.parseLong(confirmed.group(2)), "a full disk takes nothing");
    assertTrue(said.contains("reserved " + end), said);
    assertTrue(said.contains("went on to " + (end + 1_001)), said);
    assertEquals(0, filesIn(directory.resolve("pool")), "a close leaves nothing behind");
    try (Store store = LogFixture.open(directory)) {
      assertEquals(end + 1_001, LogFixture.offsets(store.topic("t").orElseThrow(), 0).size());
    }
  }

  private static long refusals(String said) {
    return said.lines()
        .filter(line -> !line.startsWith("WARNING") && line.contains("free some room"))
        .count();
  }

  private static long filesIn(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.count();
    }
  }
}
