package io.holdfast.bench.quick;

import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Opens an engine with groups on many topics, in a JVM that has done nothing else, and does nothing
 * with it.
 *
 * <p>Arguments: topics, idleMillis. Figures: openMillis, idleMillis (CPU
 * in a second), maps (of the process), heap (after a collection) and resident and disk (of the
 * groups), all three in MiB.
 */
final class IdleRun implements Workload {
  private static final Path SELF = Path.of("/proc/self");
  private static final long SETTLE_MILLIS = 500; // in which what an opening left to do is done
  private static final double MIB = 1 << 20;

  @Override
  public void run(ContenderKind kind, Path directory, Arguments arguments, Figures figures)
      throws IOException, InterruptedException {
    Path store = directory.resolve("store");
    long start = System.nanoTime();
    Engine engine = Engine.open(store);
    figures.put("openMillis", (System.nanoTime() - start) / 1e6);
    for (String name : engine.groups()) {
      Group group = engine.group(name);
      if (group.lag().size() != arguments.get("topics")) {
        figures.fault(
            "group %s: expected %d topics, found %d"
                .formatted(name, arguments.get("topics"), group.lag().size()));
      }
    }
    System.gc();
    Thread.sleep(SETTLE_MILLIS);
    CpuClock cpu = new CpuClock();
    long cpuStart = cpu.nanos();
    long idleStart = System.nanoTime();
    Thread.sleep(arguments.get("idleMillis"));
    double seconds = (System.nanoTime() - idleStart) / 1e9;
    figures.put(
        "idleMillis", TimeUnit.NANOSECONDS.toMicros(cpu.nanos() - cpuStart) / 1e3 / seconds);
    figures.put("heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB);
    figures.put("disk", size(store.resolve("groups")) / MIB);
    if (Files.isDirectory(SELF)) { // Linux
      List<String> maps = Files.readAllLines(SELF.resolve("maps"));
      figures.put("maps", maps.size());
      figures.put("resident", resident() / MIB);
    }
  }

  private static double resident() throws IOException {
    return Files.readAllLines(SELF.resolve("status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .sum();
  }

  private static long size(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
