package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFullTest {
  @TempDir Path directory;

  /** A limit on the size of files stands for a full disk: the fourth segment is refused. */
  @Test
  void aFullDiskIsANamedErrorAtTheRollAndNothingIsLost() throws Exception {
    Process child = StoreChild.fill(directory, 5_000);
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(StoreChild.DISK_FULL, child.waitFor(), said);
    assertTrue(said.contains("8388608 bytes") && said.contains("free some room"), said);
    long confirmed =
        said.lines()
            .filter(line -> line.startsWith("confirmed "))
            .mapToLong(line -> Long.parseLong(line.substring(10)))
            .findFirst()
            .orElseThrow();
    assertTrue(confirmed > 500, said);
    assertEquals(0, filesIn(directory.resolve("pool")));
    try (Store store = LogFixture.open(directory)) {
      TopicLog log = store.topic("t").orElseThrow();
      assertEquals(confirmed, LogFixture.offsets(log, 0).size());
      LogFixture.append(log, 1_000, 10_000);
      assertEquals(confirmed + 1_000, LogFixture.offsets(log, 0).size());
    }
  }

  private static long filesIn(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.count();
    }
  }
}
