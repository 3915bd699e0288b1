package io.holdfast.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.SystemNanoClock;

/**
 * The latency run of {@code bench/bin/latency}: an open loop at a given rate through a store on the
 * user's own disk, with percentiles of messages and of the machine itself side by side.
 */
public final class LatencyRun {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private final PrintStream out;
  private final PrintStream err;

  private LatencyRun(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Runs once and ends the JVM with 0, or 1 when the run failed, or 2 for wrong options.
   *
   * @param args see {@code --help}
   * @throws InterruptedException when the main thread is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(System.out, System.err, args));
  }

  /**
   * Runs once.
   *
   * @param out gets the report
   * @param err gets what is wrong with the options
   * @param args see {@code --help}
   * @return the exit code
   * @throws InterruptedException when this thread is interrupted; the run is ended
   */
  static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
    if (List.of(args).contains("--help")) {
      out.println(LatencyOptions.USAGE);
      return PASSED;
    }
    try {
      LatencyOptions options = LatencyOptions.parse(args);
      checkPlaces(options);
      return new LatencyRun(out, err).measure(options);
    } catch (UsageException e) {
      err.println("latency: " + e.getMessage());
      return USAGE;
    } catch (IOException | RuntimeException e) {
      out.println("Holdfast latency: FAILED");
      out.println("FAILED: " + e);
      return FAILED;
    }
  }

  /** What would fail after minutes had better fail now. */
  private static void checkPlaces(LatencyOptions options) throws IOException {
    Path directory = options.directory();
    WorkDirectory.checkRoom(
        directory, options.diskBytes(), "take a lower --rate or fewer --seconds");
    if (options.hlog().isPresent()) {
      Path file = options.hlog().get().toAbsolutePath();
      if (Files.isDirectory(file) || !Files.isDirectory(file.getParent())) {
        throw new UsageException(
            "--hlog: expected a file in a directory that exists, found '%s'".formatted(file));
      }
    }
  }

  private int measure(LatencyOptions options) throws IOException, InterruptedException {
    Environment environment = Environment.of(options.directory());
    long startMillis = System.currentTimeMillis() + options.warmup() * 1000L;
    Outcome outcome = outcome(options, environment.processors());
    String report = Report.of(options, environment, outcome);
    out.print(report);
    if (options.hlog().isPresent()) {
      Path file = HistogramLog.fileFor(options.hlog().get(), outcome.passed());
      HistogramLog.write(file, report, outcome, startMillis, options.seconds());
      err.println("latency: wrote " + file);
    }
    out.flush();
    return outcome.passed() ? PASSED : FAILED;
  }

  private static Outcome outcome(LatencyOptions options, int processors)
      throws InterruptedException {
    try (WorkDirectory directory = new WorkDirectory(options.directory());
        Scenario scenario = options.level().open(directory.path(), options.durability())) {
      return new OpenLoop(options, processors, SystemNanoClock.INSTANCE).run(scenario);
    }
  }
}
