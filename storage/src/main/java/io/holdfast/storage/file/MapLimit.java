package io.holdfast.storage.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How many maps this process may have, and has: what a failure to map is most likely about. */
final class MapLimit {
  private static final Path LIMIT = Path.of("/proc/sys/vm/max_map_count");
  private static final Path MAPS = Path.of("/proc/self/maps");

  private MapLimit() {}

  /** What to do when a map was refused for want of room; nothing for any other failure. */
  static String advice(Throwable failure) {
    if (!(failure.getCause() instanceof OutOfMemoryError)) {
      return "";
    }
    try (Stream<String> maps = Files.lines(MAPS)) {
      return "; the process has %,d maps, of %s that vm.max_map_count allows: raise it, or have"
          .formatted(maps.count(), Files.readString(LIMIT, StandardCharsets.UTF_8).strip())
          + " fewer topics in groups, each of which takes two maps and more";
    } catch (IOException e) {
      return "; the system allows no more maps";
    }
  }
}
