package io.holdfast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many topics share few maps and descriptors, and sleep. */
class ManyTopicsTest {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int TOPICS = 200;
  private static final int MAPPED = 16;
  private static final TopicSettings SETTINGS =
      new TopicSettings(Durability.processCrash(), 1 << 20, 10_000, new TreeMap<>());

  /** Each of its segments takes a map to read and write, one to force, and one of its index. */
  private static final int MAPS_OF_A_SEGMENT = 3;

  /** The reserve, which is mapped, and one segment that is being made. */
  private static final int ALWAYS = 3;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final List<TopicLog> logs = new ArrayList<>();

  @Test
  void mapsAndDescriptorsAreBoundedAndTopicsThatWereIdleGoOn() throws Exception {
    StoreConfig config = StoreConfig.defaults().withMappedSegments(MAPPED);
    try (Store store = Store.open(directory, config)) {
      for (int i = 0; i < TOPICS; i++) {
        logs.add(store.createTopic("t" + i, SETTINGS));
      }
      appendToAll(40, 1_000); // the next segment is made ahead
      awaitBounded("when they have been idle");
      readAll();
      awaitBounded("when all have been read");
      appendToAll(80, 1_000); // over a roll, and over half of the next segment of some
      readAll();
      awaitBounded("when all have rolled and been read");
      appendToAll(1, 100);
      readAll();
    }
    assertEquals(0, maps());
    assertEquals(0, descriptors());
    logs.clear();
    try (Store store = Store.open(directory, config)) {
      for (int i = 0; i < TOPICS; i++) {
        logs.add(store.topic("t" + i).orElseThrow());
      }
      readAll();
      awaitBounded("when all have been read after opening");
    }
  }

  private void appendToAll(int count, int length) {
    logs.forEach(log -> Unforced.append(log, count, length));
  }

  private void readAll() {
    for (TopicLog log : logs) {
      assertEquals(
          LongStream.range(0, log.endOffset()).boxed().toList(), LogFixture.offsets(log, 0));
    }
  }

  /** As many idle segments, and as many topics that are awake. */
  private void awaitBounded(String when) throws InterruptedException {
    if (!Files.isReadable(MAPS)) {
      System.out.println("ManyTopicsTest: no " + MAPS + " on this system, so nothing is counted");
      return;
    }
    int segments = 2 * MAPPED + ALWAYS;
    int mostMaps = segments * MAPS_OF_A_SEGMENT;
    long mapsBefore = maps();
    Eventually.holds(
        () -> maps() <= mostMaps && descriptors() <= mostMaps,
        () ->
            "%s: expected at most %d maps and descriptors, found %d (from %d) and %d"
                .formatted(when, mostMaps, maps(), mapsBefore, descriptors()));
    System.out.printf(
        "ManyTopicsTest: %s: %d maps, at first %d, %d descriptors%n",
        when, maps(), mapsBefore, descriptors());
  }

  private long maps() {
    try {
      return Files.readAllLines(MAPS).stream()
          .filter(line -> line.contains(directory.toString()))
          .count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private long descriptors() {
    long found = 0;
    try (DirectoryStream<Path> links = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path link : links) {
        found += leadsHere(link) ? 1 : 0;
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return found;
  }

  private boolean leadsHere(Path link) {
    try {
      return Files.readSymbolicLink(link).toString().contains(directory.toString());
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
