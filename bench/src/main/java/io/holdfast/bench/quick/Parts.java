package io.holdfast.bench.quick;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Workloads that run one after the other in one JVM, each in a directory of its own: so what is
 * compared is compiled alike, and lies seconds apart on the same disk.
 */
final class Parts {
  private final Path directory;
  private final Figures figures;

  /** Makes parts below a directory; what each finds comes to the figures, with its name before. */
  Parts(Path directory, Figures figures) {
    this.directory = directory;
    this.figures = figures;
  }

  void run(Workload workload, String name, Arguments arguments) throws Exception {
    Figures own = new Figures();
    workload.run(ContenderKind.OURS_KEEP, made(directory.resolve(name)), arguments, own);
    figures.putAll(name + ".", own);
  }

  private static Path made(Path directory) throws IOException {
    return Files.createDirectory(directory);
  }
}
