package io.holdfast.bench.quick;

import io.holdfast.bench.Environment;
import io.holdfast.bench.UsageException;
import io.holdfast.bench.WorkDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;

/**
 * The quick comparison of {@code bench/bin/quick}: ours, its peers and the floor in one
 * interleaved run, a table, and a verdict for each target.
 */
public final class QuickRun {
  private static final int RAN = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private QuickRun() {}

  /**
   * Runs once and ends the JVM with 0, or 1 when a run failed, or 2 for wrong options.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  static int run(PrintStream out, PrintStream err, String... args) {
    if (List.of(args).contains("--help")) {
      out.println(QuickOptions.USAGE);
      return RAN;
    }
    try {
      QuickOptions options = QuickOptions.parse(args);
      Scale scale = options.scale();
      checkRoom(options, scale.sizes().diskBytes());
      return measure(options, scale, out, err);
    } catch (UsageException e) {
      err.println("quick: " + e.getMessage());
      return USAGE;
    } catch (IOException | RuntimeException e) {
      out.println("FAILED: " + e);
      return FAILED;
    }
  }

  private static void checkRoom(QuickOptions options, long bytes) throws IOException {
    if (!Files.isDirectory(options.directory()) || !Files.isWritable(options.directory())) {
      throw new UsageException(
          "--dir: expected a directory to write to, found '%s'".formatted(options.directory()));
    }
    long room = Files.getFileStore(options.directory()).getUsableSpace();
    if (room < bytes) {
      throw new UsageException(
          "--dir: expected room for %d MiB, found %d MiB in '%s'"
              .formatted(bytes >> 20, room >> 20, options.directory()));
    }
  }

  static int measure(QuickOptions options, Scale scale, PrintStream out, PrintStream err)
      throws IOException {
    Environment environment = Environment.of(options.directory());
    Forks forks = new Forks(options.peerPath(), scale.sizes().overdueSeconds());
    Comparison comparison = new Comparison(scale, options::wants);
    Session session;
    try (WorkDirectory directory = new WorkDirectory(options.directory(), forks::killAll)) {
      session = new Session(forks, directory.path(), scale, err);
      comparison.run(session);
    }
    QuickReport report = new QuickReport(environment, session);
    out.print(report.of(comparison.verdicts(session.samples())));
    out.flush();
    return session.failures().isEmpty() ? RAN : FAILED;
  }
}
