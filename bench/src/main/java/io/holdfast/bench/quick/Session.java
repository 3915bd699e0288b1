package io.holdfast.bench.quick;

import io.holdfast.bench.WorkDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The runs of one comparison, what they gave, and those that failed. For one thread. */
final class Session {
  private final Forks forks;
  private final Path parent;
  private final Scale scale;
  private final PrintStream progress;
  private final Samples samples = new Samples();
  private final List<String> failures = new ArrayList<>();
  private final long start = System.nanoTime();
  private final double loadBefore =
      ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  private int runs;
  private int round;

  Session(Forks forks, Path parent, Scale scale, PrintStream progress) {
    this.forks = forks;
    this.parent = parent;
    this.scale = scale;
    this.progress = progress;
  }

  Samples samples() {
    return samples;
  }

  Scale scale() {
    return scale;
  }

  boolean hasPeers() {
    return forks.hasPeers();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Whether so many seconds more are too many. */
  boolean isLate(long more) {
    return seconds() + more >= scale.seconds();
  }

  /** Since the session began. */
  long seconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
  }

  /** Processes that wanted a processor in the minute before; negative when nobody knows. */
  double loadBefore() {
    return loadBefore;
  }

  int runs() {
    return runs;
  }

  void round(int number) {
    round = number;
  }

  int round() {
    return round;
  }

  /** Does a run in a directory of its own, removed afterwards; empty when it failed. */
  Optional<Figures> run(WorkloadKind workload, ContenderKind contender, Arguments arguments) {
    Path directory = makeDirectory();
    try {
      return runIn(directory, workload, contender, arguments);
    } finally {
      remove(directory);
    }
  }

  /** Does a run in a directory that the caller made; empty when it failed. */
  Optional<Figures> runIn(
      Path directory, WorkloadKind workload, ContenderKind contender, Arguments arguments) {
    if (contender.isPeer() && !hasPeers()) {
      return Optional.empty();
    }
    long start = System.nanoTime();
    Figures figures = forks.run(workload, contender, directory, arguments);
    runs++;
    for (String fault : figures.faults()) {
      failures.add(
          "%s %s, round %d: %s".formatted(workload, contender, round + 1, fault));
    }
    progress.printf(
        "  round %d %-12s %-23s %5d ms%s%n",
        round + 1,
        workload,
        contender,
        (System.nanoTime() - start) / 1_000_000,
        figures.faults().isEmpty() ? "" : " FAILED");
    return figures.faults().isEmpty() ? Optional.of(figures) : Optional.empty();
  }

  /** Keeps a figure of a run for a row. */
  void keep(Row row, Optional<Figures> figures, String name, String cpuName) {
    if (figures.isPresent()) {
      figures.get().get(name).ifPresent(value -> samples.add(row, round, value));
      figures.get().get(cpuName).ifPresent(value -> samples.addCpu(row, value));
    }
  }

  /** Keeps a figure that has no CPU time of its own. */
  void keep(Row row, Optional<Figures> figures, String name) {
    keep(row, figures, name, "");
  }

  Path makeDirectory() {
    try {
      return Files.createTempDirectory(parent, "run-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has the next run read a directory's files from the device; false when that cannot be had. */
  boolean forget(Path directory) {
    try {
      return PageCache.forget(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(directory + ": cannot be listed: " + e, e);
    }
  }

  void remove(Path directory) {
    try {
      WorkDirectory.removeTree(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(directory + ": cannot be removed: " + e, e);
    }
  }
}
