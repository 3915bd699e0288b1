package io.holdfast.bench.quick;

import io.holdfast.bench.ProcessMemory;
import io.holdfast.engine.Engine;
import io.holdfast.engine.Group;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  /** In it an opening's rest is done: a second after it each group looks for what has expired. */
  private static final long SETTLE_MILLIS = 2_500;
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
    figures.put("disk", size(store.resolve("groups")) / MIB);
    ProcessMemory memory = ProcessMemory.now();
    figures.put("heap", memory.heap() / MIB);
    figures.put("resident", memory.resident() / MIB);
    figures.put("maps", memory.maps());
  }

  private static long size(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
