package io.holdfast.engine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * What this process and its store hold at a moment.
 *
 * @param heap bytes in use after a collection
 * @param resident bytes of the process in memory, with what it maps
 * @param mappings of the process
 * @param descriptors that are open
 * @param threads that live
 * @param disk bytes of the files of the store
 */
record SoakSample(
    long heap, long resident, long mappings, long descriptors, long threads, long disk) {
  private static final Path SELF = Path.of("/proc/self");

  static SoakSample take(Path store) throws IOException {
    System.gc(); // garbage is no leak
    return new SoakSample(
        heapAfterCollection(),
        residentNow(),
        lines("maps"),
        descriptorsNow(),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        diskNow(store));
  }

  /** As the collection left it: on a busy machine others allocate before a look at it now. */
  private static long heapAfterCollection() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  private static long residentNow() throws IOException {
    try (Stream<String> lines = Files.lines(SELF.resolve("status"))) {
      String line = lines.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
  }

  private static long lines(String file) throws IOException {
    try (Stream<String> lines = Files.lines(SELF.resolve(file))) {
      return lines.count();
    }
  }

  private static long descriptorsNow() throws IOException {
    try (Stream<Path> open = Files.list(SELF.resolve("fd"))) {
      return open.count();
    }
  }

  private static long diskNow(Path store) throws IOException {
    AtomicLong bytes = new AtomicLong();
    Files.walkFileTree(
        store,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes found) {
            bytes.addAndGet(found.size());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // dropped or renamed meanwhile
            }
            throw e;
          }
        });
    return bytes.get();
  }

  @Override
  public String toString() {
    String what =
        "heap %.1f MiB, resident %.1f MiB, %d mappings, %d descriptors, %d threads, disk %.1f MiB";
    return what.formatted(mib(heap), mib(resident), mappings, descriptors, threads, mib(disk));
  }

  private static double mib(long bytes) {
    return bytes / (double) (1 << 20);
  }
}
