package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Short runs on a real store; nothing is said of their times, not even that the rate was held. */
class LatencyRunTest {
  private static final String SHORT = "--rate 200 --seconds 1 --warmup 1 --batch 50 --payload 100";

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String line, String... more) throws InterruptedException {
    String[] args =
        Stream.concat(Stream.of(line.split(" ")), Stream.of(more)).toArray(String[]::new);
    return LatencyRun.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "storage, processCrash", "storage, powerLoss", "engine, processCrash", "engine, powerLoss"
  })
  void aRunSendsReceivesAndChecksAllMessagesAndLeavesNothing(String level, String durability)
      throws Exception {
    String where = directory.toString();
    int code = run(SHORT, "--level", level, "--durability", durability, "--dir", where);
    String report = printed();
    assertTrue(
        report.contains("400 sent, 0 lost, 0 repeated, 0 disordered, 0 corrupt"), report);
    assertEquals(report.contains("FAILED") ? 1 : 0, code, report);
    for (String row :
        "p50 p90 p99 p99.9 p99.99 max throughput durability payload rate duration JDK kernel CPU"
            .split(" ")) {
      assertTrue(report.lines().anyMatch(line -> line.startsWith(row + " ")), row + report);
    }
    assertTrue(report.lines().anyMatch(line -> line.matches("count +200 +[1-9].*")), report);
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void theHistogramLogHoldsMessagesAndControl() throws Exception {
    Path asked = directory.resolve("run.hlog");
    int code = run(SHORT, "--dir", directory.toString(), "--hlog", asked.toString());
    Map<String, Long> counts = countsByTag(HistogramLog.fileFor(asked, code == 0));
    assertEquals(200, counts.get("messages"));
    assertTrue(counts.get("control") > 0);
  }

  private static Map<String, Long> countsByTag(Path file) throws FileNotFoundException {
    Map<String, Long> counts = new HashMap<>();
    try (HistogramLogReader reader = new HistogramLogReader(file.toFile())) {
      for (EncodableHistogram entry = reader.nextIntervalHistogram();
          entry != null;
          entry = reader.nextIntervalHistogram()) {
        String tag = entry.getTag() == null ? "messages" : entry.getTag();
        counts.put(tag, ((Histogram) entry).getTotalCount());
      }
    }
    return counts;
  }

  @Test
  void aFailedRunIsNamedSo() {
    assertEquals(Path.of("d/a.hlog"), HistogramLog.fileFor(Path.of("d/a.hlog"), true));
    assertEquals(Path.of("d/a.FAILED.hlog"), HistogramLog.fileFor(Path.of("d/a.hlog"), false));
    assertEquals(Path.of("a.FAILED"), HistogramLog.fileFor(Path.of("a"), false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--rate", "--rate fast", "--nothing 1"})
  void wrongOptionsAreSaidOnStderrWithExitCode2(String line) throws InterruptedException {
    assertEquals(2, run(line));
    assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("latency: " + line.split(" ")[0]));
    assertEquals("", printed());
  }

  @Test
  void aDirectoryThatIsNotThereIsRefused() throws InterruptedException {
    assertEquals(2, run("--dir", directory.resolve("missing").toString()));
    assertEquals(2, run("--hlog", directory.resolve("missing").resolve("a.hlog").toString()));
    assertEquals(2, run("--hlog", directory.toString()));
  }

  @Test
  void aRunThatCannotFitIsRefusedBeforeItBegins() throws IOException, InterruptedException {
    String line = "--rate 10000000 --seconds 3600 --payload 1048576";
    assertEquals(2, run(line, "--dir", directory.toString()));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("expected room for"));
    try (Stream<Path> left = Files.list(directory)) {
      assertFalse(left.findAny().isPresent());
    }
  }

  @Test
  void helpNamesEachOption() throws InterruptedException {
    assertEquals(0, run("--help"));
    for (String option :
        "--level --rate --payload --batch --seconds --warmup --durability --dir --hlog"
            .split(" ")) {
      assertTrue(printed().contains(option + " "), option);
    }
  }
}
