package io.holdfast.tools.planted;

import io.holdfast.storage.file.JvmFlags;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of a harness in a process of its own: with a planted bug, or as a control without. */
final class HarnessRun {
  private static final long LIMIT_MINUTES = 10;

  private final Outcome outcome;
  private final String said;
  private final String counts;
  private final long millis;

  private HarnessRun(Outcome outcome, String said, String counts, long millis) {
    this.outcome = outcome;
    this.said = said;
    this.counts = counts;
    this.millis = millis;
  }

  /** How a run ended. */
  enum Outcome {
    /** The harness found nothing. */
    HELD,
    /** The harness found a promise broken. */
    VIOLATED,
    /** The harness could not judge: an error of its own, or a process that died or did not end. */
    BROKEN
  }

  /**
   * Runs the harness of a bug.
   *
   * @param bug whose harness and properties count
   * @param planted classes that come before the product's own; null for none
   * @param directory for temporary files, which are the caller's to delete
   */
  static HarnessRun of(PlantedBug bug, Path planted, Path directory)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    long begun = System.nanoTime();
    Process child =
        new ProcessBuilder(command(bug, planted, directory))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended;
    try {
      child.getOutputStream().close();
      ended = child.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    } finally {
      child.descendants().forEach(ProcessHandle::destroyForcibly);
      child.destroyForcibly().waitFor();
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    return judged(bug, Files.readAllLines(output), ended, child.exitValue(), millis);
  }

  private static List<String> command(PlantedBug bug, Path planted, Path directory) {
    String classPath = System.getProperty("java.class.path");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx2g", "-Djava.io.tmpdir=" + directory));
    bug.properties().forEach(property -> command.add("-D" + property));
    command.add("-cp");
    command.add(planted == null ? classPath : planted + File.pathSeparator + classPath);
    command.addAll(List.of(HarnessChild.class.getName(), bug.harness()));
    return command;
  }

  /** The outcome is the last line of its kind; the counts are the last that the harness printed. */
  private static HarnessRun judged(
      PlantedBug bug, List<String> lines, boolean ended, int exit, long millis) {
    String harness = bug.harness().replaceAll(".*\\.([A-Za-z]+)(#.*)?", "$1");
    String counts = "";
    String last = "";
    for (String line : lines) {
      boolean itsOwn = line.matches("\\Q" + harness + "\\E( \\(.*\\))?: .*");
      counts = itsOwn ? line.substring(line.indexOf(": ") + 2) : counts;
      last = line.startsWith(HarnessChild.OUTCOME) ? line : last;
    }
    for (Outcome outcome : Outcome.values()) {
      String begin = HarnessChild.OUTCOME + outcome + " ";
      if (last.startsWith(begin)) {
        return new HarnessRun(outcome, last.substring(begin.length()), counts, millis);
      }
    }
    String how = ended ? "the process ended with " + exit : "the process did not end";
    List<String> tail = lines.subList(Math.max(0, lines.size() - 20), lines.size());
    return new HarnessRun(
        Outcome.BROKEN, how + ", and wrote last: " + String.join("\n", tail), counts, millis);
  }

  Outcome outcome() {
    return outcome;
  }

  @Override
  public String toString() {
    String how = "%s after %.1f s: %s".formatted(outcome, millis / 1000.0, said);
    return counts.isEmpty() ? how : how + " [" + counts + "]";
  }
}
