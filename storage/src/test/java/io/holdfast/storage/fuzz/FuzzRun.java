package io.holdfast.storage.fuzz;

import io.holdfast.storage.file.JvmFlags;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fuzzes targets with Jazzer, in another JVM, and replays their corpora in one of 64 MB.
 *
 * <p>A run by time ({@code -Dholdfast.fuzz.seconds=n} for each module) mixes the targets; one by
 * number ({@code -Dholdfast.fuzz.runs=n} executions of each target, whatever time they take) gives
 * each a JVM of its own. {@code -Dholdfast.fuzz.target=name} leaves out all targets but one. {@code
 * -Dholdfast.fuzz.seed=n} replays a run. Inputs that reach new code are left in {@code
 * -Dholdfast.fuzz.keep=directory}.
 */
public final class FuzzRun {
  private static final Pattern EXECUTIONS =
      Pattern.compile("stat::number_of_executed_units: *([0-9]+)");
  private static final Pattern RATE = Pattern.compile("stat::average_exec_per_sec: *([0-9]+)");
  private static final int SHOWN = 4_000;
  private static final int KEPT = 16_000;

  private final Path scratch;
  private final List<Class<?>> targets;
  private final long seconds = Long.getLong("holdfast.fuzz.seconds", 40);
  private final long runs = Long.getLong("holdfast.fuzz.runs", 0);
  // The same each time: a build looks at what changed, and long runs are there to look further.
  private final long seed = Long.getLong("holdfast.fuzz.seed", 1);
  private final String only = System.getProperty("holdfast.fuzz.target", "");
  private final String keep = System.getProperty("holdfast.fuzz.keep");

  /**
   * Chooses what is fuzzed.
   *
   * @param scratch directory for files that go with the test
   * @param targets classes with a method {@code fuzzerTestOneInput(byte[])}
   */
  public FuzzRun(Path scratch, List<Class<?>> targets) {
    this.scratch = scratch;
    this.targets =
        targets.stream().filter(t -> only.isEmpty() || t.getSimpleName().equals(only)).toList();
  }

  /**
   * Fuzzes all targets; prints what each did.
   *
   * @throws IOException when a process cannot be started
   * @throws InterruptedException when the thread is interrupted meanwhile
   */
  public void fuzz() throws IOException, InterruptedException {
    if (targets.isEmpty()) {
      System.out.println("FuzzTest: nothing of " + only + " here");
    } else if (runs == 0) {
      fuzz(targets, FuzzMix.class);
    } else {
      for (Class<?> target : targets) {
        fuzz(List.of(target), target);
      }
    }
  }

  private void fuzz(List<Class<?>> several, Class<?> target)
      throws IOException, InterruptedException {
    String names = String.join(" + ", several.stream().map(Class::getSimpleName).toList());
    Outcome outcome = start(jazzer(several, target));
    Matcher executions = EXECUTIONS.matcher(outcome.output());
    Matcher rate = RATE.matcher(outcome.output());
    if (outcome.code() != 0 || !executions.find() || !rate.find()) {
      throw new AssertionError(
          ("%s; -Dholdfast.fuzz.seed=%d; a line in the .base64 file of the target, with what "
                  + "stands behind 'Base64:' (%s), replays it: %s")
              .formatted(names, seed, several.size() > 1 ? "less its first byte" : "all",
                  outcome.tail()));
    }
    System.out.printf(
        Locale.ROOT,
        "FuzzTest: %s: %,d executions, %,d a second, on Java %s, 0 violations;"
            + " -Dholdfast.fuzz.seed=%d%n",
        names,
        Long.parseLong(executions.group(1)),
        Long.parseLong(rate.group(1)),
        System.getProperty("java.specification.version"),
        seed);
  }

  private List<String> jazzer(List<Class<?>> several, Class<?> target) throws IOException {
    Path kept = scratch.resolve("kept-" + target.getSimpleName());
    Path found = keep == null ? scratch : Path.of(keep);
    found = found.resolve("found-" + target.getSimpleName());
    Files.createDirectories(kept);
    Files.createDirectories(found);
    for (int i = 0; i < several.size(); i++) {
      byte[] before = several.size() == 1 ? new byte[0] : new byte[] {(byte) i};
      new FuzzCorpus(several.get(i)).unpack(kept, before);
    }
    List<String> command = java("-Xmx256m", "-XX:+UseSerialGC", "-XX:+EnableDynamicAgentLoading");
    command.add(
        1,
        "-D" + FuzzMix.TARGETS + "="
            + String.join(",", several.stream().map(Class::getName).toList()));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + target.getName());
    command.add("--instrumentation_includes=io.holdfast.**");
    // Nor the targets: the fuzzer would learn what they look for, and put that into the files.
    command.add(
        "--instrumentation_excludes=io.holdfast.storage.crash.**:io.holdfast.storage.fuzz.**:"
            + String.join(":", several.stream().map(Class::getName).toList()));
    command.add("--reproducer_path=" + scratch);
    command.add("-artifact_prefix=" + scratch + "/");
    command.add("-print_final_stats=1");
    command.add("-timeout=60");
    // Linux counts what the JVM that starts this one holds to its peak. The heap has its own bound.
    command.add("-rss_limit_mb=0");
    command.add("-seed=" + seed);
    command.add(runs > 0 ? "-runs=" + runs : "-max_total_time=" + seconds);
    command.add(found.toString());
    command.add(kept.toString());
    return command;
  }

  /**
   * Replays the corpora of all targets in a JVM of 64 MB.
   *
   * @throws IOException when the process cannot be started
   * @throws InterruptedException when the thread is interrupted meanwhile
   */
  public void replay() throws IOException, InterruptedException {
    List<String> command = java("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    command.add(FuzzCorpus.class.getName());
    targets.forEach(target -> command.add(target.getName()));
    Outcome outcome = start(command);
    if (outcome.code() != 0) {
      throw new AssertionError(outcome.tail());
    }
    outcome
        .output()
        .lines()
        .filter(line -> line.endsWith(FuzzCorpus.INPUTS))
        .forEach(line -> System.out.println("FuzzTest: 64 MB of heap, " + line));
  }

  private List<String> java(String... options) throws IOException {
    Path logging = scratch.resolve("logging.properties");
    Files.writeString(logging, ".level=OFF\n"); // what is refused is logged, times without number
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of(options));
    command.add("-Djava.io.tmpdir=" + scratch);
    command.add("-Djava.util.logging.config.file=" + logging);
    command.add("-cp");
    String whole = System.getProperty("surefire.test.class.path");
    command.add(whole == null ? System.getProperty("java.class.path") : whole);
    return command;
  }

  /** How a process ended. */
  private record Outcome(int code, String output) {
    String tail() {
      return output.substring(Math.max(0, output.length() - SHOWN));
    }
  }

  /** Only the end of what it prints is kept: a refused store may be logged, many times over. */
  private Outcome start(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    StringBuilder output = new StringBuilder();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        output.delete(0, Math.max(0, output.length() - KEPT));
      }
      return new Outcome(process.waitFor(), output.toString());
    } finally {
      process.destroyForcibly();
    }
  }
}
