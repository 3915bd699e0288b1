package io.holdfast.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What this process holds at a moment. Immutable.
 *
 * @param heap bytes in use
 * @param peak most bytes of the heap's parts that were ever in use, added up
 * @param limit bytes that the heap may have
 * @param resident bytes in memory, with what is mapped; 0 where the system is not Linux
 * @param maps of files and memory; 0 where the system is not Linux
 */
public record ProcessMemory(long heap, long peak, long limit, long resident, int maps) {
  private static final Path SELF = Path.of("/proc/self");
  private static final double MIB = 1 << 20;

  /**
   * Looks at this process.
   *
   * @return as it is now
   * @throws IOException when Linux does not say
   */
  public static ProcessMemory now() throws IOException {
    boolean isLinux = Files.isDirectory(SELF);
    long peak =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    return new ProcessMemory(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        peak,
        Runtime.getRuntime().maxMemory(),
        isLinux ? residentNow() : 0,
        isLinux ? Files.readAllLines(SELF.resolve("maps")).size() : 0);
  }

  private static long residentNow() throws IOException {
    List<String> lines = Files.readAllLines(SELF.resolve("status"));
    return lines.stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .sum();
  }

  @Override
  public String toString() {
    return "heap %.1f MiB of %.0f, at most %.1f; resident %.1f MiB, %,d maps"
        .formatted(heap / MIB, limit / MIB, peak / MIB, resident / MIB, maps);
  }
}
