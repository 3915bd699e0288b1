package io.holdfast.bench.quick;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Starts one JVM a run, one after the other, all with the same flags: this JVM's own and those that
 * a contender needs. Each is killed when it is done or overdue. Belongs to one thread, but {@link
 * #killAll} may come from any.
 */
final class Forks {
  /**
   * What Chronicle's pages ask for on Java 17 (chronicle.software, "Chronicle Support for Java
   * 17"), and the same heap for everybody.
   */
  private static final List<String> FLAGS =
      List.of(
          "-Xms512m",
          "-Xmx512m",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "-Dchronicle.analytics.disable=true");

  private final String ownPath;
  private final Optional<String> peerPath;
  private final long overdueSeconds;
  private final AtomicReference<Process> running = new AtomicReference<>();
  private volatile boolean ended; // killAll writes, the starting thread reads

  /**
   * Forks of this JVM.
   *
   * @param peerPath class path of a build with the profile {@code peers}
   * @param overdueSeconds after which a run is killed
   */
  Forks(Optional<String> peerPath, long overdueSeconds) {
    this.ownPath = System.getProperty("java.class.path");
    this.peerPath = peerPath;
    this.overdueSeconds = overdueSeconds;
  }

  boolean hasPeers() {
    return peerPath.isPresent();
  }

  /** The flags of every run, without the class path. */
  static List<String> flags() {
    List<String> flags = new ArrayList<>();
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-javaagent")) {
        flags.add(flag);
      }
    }
    flags.addAll(FLAGS);
    return flags;
  }

  /** Does one run; what broke it is among the faults of its figures. */
  Figures run(
      WorkloadKind workload, ContenderKind contender, Path directory, Arguments arguments) {
    String path = contender.isPeer() ? peerPath.orElseThrow() : ownPath;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    command.addAll(workload.flags());
    command.addAll(List.of("-cp", path, QuickFork.class.getName()));
    command.addAll(List.of(workload.name(), contender.name(), directory.toString()));
    command.addAll(arguments.toList());
    Figures figures = new Figures();
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      running.set(process);
      if (ended) {
        killAll();
      }
      read(process, figures);
    } catch (IOException e) {
      figures.fault("the run could not be started or read: " + e);
    }
    return figures;
  }

  private void read(Process process, Figures figures) throws IOException {
    Thread watch = new Thread(() -> killWhenOverdue(process), "overdue");
    watch.setDaemon(true);
    watch.start();
    List<String> other = new ArrayList<>();
    boolean done = false;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null && !done; ) {
        done = line.equals(QuickFork.DONE);
        if (!line.startsWith("figure ") && !line.startsWith("fault ") && !done) {
          other.add(line);
        }
        figures.read(line);
        line = done ? null : lines.readLine();
      }
      kill(process);
    } finally {
      kill(process);
    }
    if (!done) {
      figures.fault("the run ended early: " + String.join(" | ", other));
    }
  }

  private void killWhenOverdue(Process process) {
    try {
      if (!process.waitFor(overdueSeconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }

  private static void kill(Process process) {
    process.destroyForcibly();
    boolean interrupted = false;
    while (process.isAlive()) {
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills the run that goes on, and any that would begin. */
  void killAll() {
    ended = true;
    Process process = running.get();
    if (process != null) {
      kill(process);
    }
  }
}
