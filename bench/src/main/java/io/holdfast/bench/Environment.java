package io.holdfast.bench;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a figure was measured on. Immutable.
 *
 * @param jdk version, vendor and collectors
 * @param kernel name, version and architecture
 * @param cpu model
 * @param processors that the JVM may use
 * @param fileSystem type and device
 */
public record Environment(
    String jdk, String kernel, String cpu, int processors, String fileSystem) {
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /**
   * Looks at this machine.
   *
   * @param directory whose file system is used
   * @return what it says
   * @throws IOException when the machine does not say
   */
  public static Environment of(Path directory) throws IOException {
    return new Environment(
        jdkInUse(),
        properties("os.name", "os.version", "os.arch"),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        fileSystem(Files.getFileStore(directory)));
  }

  private static String jdkInUse() {
    String collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .collect(Collectors.joining(", "));
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    return "%s, %s; heap up to %d MiB"
        .formatted(properties("java.runtime.version", "java.vendor"), collectors, heap);
  }

  private static String properties(String... names) {
    return Stream.of(names).map(System::getProperty).collect(Collectors.joining(" "));
  }

  /** Linux tells it in a file; elsewhere the architecture is all that Java knows. */
  private static String cpuModel() throws IOException {
    List<String> lines = Files.isReadable(CPU_INFO) ? Files.readAllLines(CPU_INFO) : List.of();
    return lines.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.replaceFirst("[^:]*:\\s*", ""))
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  private static String fileSystem(FileStore store) {
    String note = IN_MEMORY.contains(store.type()) ? ": in memory, says nothing of a disk" : "";
    return "%s on %s%s".formatted(store.type(), store.name(), note);
  }
}
