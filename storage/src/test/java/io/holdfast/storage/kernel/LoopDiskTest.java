package io.holdfast.storage.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.holdfast.storage.file.DurableFiles;
import io.holdfast.storage.file.MappedRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cut of the power keeps and what it takes. */
class LoopDiskTest {
  private static final int PAGES = 64;
  private static final int PAGE = 4_096;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void aCutKeepsWhatWasForcedAndAnyOtherPages(String fileSystem) throws Exception {
    Set<Integer> kept = new TreeSet<>(); // how many of the pages that nobody forced
    int names = 0;
    Random random = new Random(1);
    try (LoopDisk disk = made(fileSystem)) {
      for (int cut = 0; cut < 12; cut++) {
        Path forced = disk.root().resolve("forced-" + cut);
        Path mapped = disk.root().resolve("mapped-" + cut);
        Path unforced = disk.root().resolve("unforced-" + cut);
        DurableFiles.write(forced, new byte[] {(byte) cut});
        DurableFiles.allocate(mapped, PAGES * PAGE);
        DurableFiles.forceDirectory(disk.root());
        Files.write(unforced, new byte[] {(byte) cut});
        dirty(mapped);
        cut(disk, random);
        assertArrayEquals(new byte[] {(byte) cut}, Files.readAllBytes(forced));
        names += Files.exists(unforced) ? 1 : 0;
        kept.add(pagesKept(mapped));
      }
    }
    assertTrue(names < 12, "each cut kept a name that nobody had forced");
    assertTrue(kept.contains(0), "no cut took all: " + kept);
    assertTrue(kept.contains(PAGES), "no cut kept all: " + kept);
    assertTrue(kept.size() > 2, "no cut kept some: " + kept);
    assertEquals(false, Files.exists(directory.resolve("disk.img")));
  }

  private LoopDisk made(String fileSystem) {
    try {
      return LoopDisk.make(directory, fileSystem);
    } catch (IOException e) {
      System.out.println("LoopDiskTest skipped, no loop device with " + fileSystem + ": " + e);
      return abort(e.toString());
    }
  }

  private static void dirty(Path file) {
    MappedRegion region = MappedRegion.map(file);
    for (int page = 0; page < PAGES; page++) {
      region.buffer().putByte(page * PAGE, (byte) 1);
    }
    region.close();
  }

  private static int pagesKept(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    int found = 0;
    for (int page = 0; page < PAGES; page++) {
      found += content[page * PAGE];
    }
    return found;
  }

  /** With a process that has nothing to do with the disk. */
  private static void cut(LoopDisk disk, Random random) throws IOException {
    Process bystander = new ProcessBuilder("cat").start();
    try {
      disk.cut(bystander.toHandle(), random);
    } finally {
      bystander.destroyForcibly();
    }
  }
}
