package io.holdfast.bench.quick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One tiny comparison on real stores; nothing is said of its times and verdicts. */
class QuickRunTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private boolean leftNothing() throws IOException {
    try (Stream<Path> left = Files.list(directory)) {
      return left.findAny().isEmpty();
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES) // fifty JVMs, one after the other
  void eachTargetIsMeasuredAndJudgedAndNothingIsLeft() throws IOException {
    QuickOptions options = new QuickOptions(directory, Optional.empty(), 1, 60, List.of(), false);
    int code = QuickRun.measure(options, Scale.tiny(), stream(out), stream(err));
    String report = out.toString(StandardCharsets.UTF_8);
    assertEquals(0, code, report);
    assertFalse(report.contains("FAILED"), report);
    for (String target : "P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11".split(" ")) {
      assertTrue(
          report.lines().anyMatch(line -> line.matches(target + " .*\\(target .*")),
          target + report);
    }
    assertTrue(report.lines().anyMatch(l -> l.matches("P1 .*ours/floor.* (PASS|MISS)")), report);
    for (String peers : List.of("P1 .*Chronicle", "P5 .*Chronicle named tailer", "P5 .*Artemis")) {
      assertTrue(report.lines().anyMatch(l -> l.matches(peers + ".* NOT MEASURED")), report);
    }
    for (String queue :
        List.of(
            "P5 4 consumers of a group/1",
            "P5 random acks, .* out",
            "P7 first delivery, .*",
            "P7 3 topics x 2 groups: open",
            "P8 append, p50, 20,000 behind/1,000",
            "P8 ack, p50, 20,000 behind/1,000",
            "P8 CPU of a message, 20,000 behind/1,000",
            "P8 heap in use, 20,000 behind",
            "P10 allocation of an ack")) {
      assertTrue(report.lines().anyMatch(l -> l.matches(queue + " .* (PASS|MISS)")), report);
    }
    assertTrue(leftNothing());
  }

  @Test
  void aRunThatLosesMessagesFailsTheComparison() throws IOException {
    Session session =
        new Session(new Forks(Optional.empty(), 60), directory, Scale.tiny(), stream(err));
    Path store = session.makeDirectory();
    Arguments fill =
        Arguments.none()
            .with("payload", 64)
            .with("topics", 1)
            .with("bytes", 64 * 64)
            .with("maxMessageSize", 1024);
    assertTrue(
        session.runIn(store, WorkloadKind.BACKLOG, ContenderKind.OURS, fill).isPresent());
    Arguments asked = Arguments.none().with("payload", 64).with("messages", 65);
    assertTrue(session.runIn(store, WorkloadKind.OPEN, ContenderKind.OURS, asked).isEmpty());
    assertTrue(
        session.failures().stream().anyMatch(f -> f.contains("expected at least 65 messages")),
        session.failures().toString());
    session.remove(store);
    assertTrue(leftNothing());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--rounds", "--rounds 0", "--rounds many", "--nothing 1", "--dir none"})
  void wrongOptionsAreSaidOnStderrWithExitCode2(String line) {
    assertEquals(2, QuickRun.run(stream(out), stream(err), line.split(" ")));
    assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("quick: --"), err.toString());
  }

  @Test
  void inFullTheSizesAreThoseOfTheTargets() {
    Scale.Sizes full = QuickOptions.parse("--full", "--only", "P7").scale().sizes();
    assertEquals(10L << 30, full.backlogBytes());
    assertEquals(4L << 30, full.appendBytes());
    assertEquals(100_000_000, full.seekMessages());
    assertEquals(100_000_000, full.backlogMessages());
    assertEquals(1_000_000, full.inFlight());
    assertTrue(QuickOptions.parse("--only", "P7").scale().sizes().backlogBytes() < 10L << 30);
  }

  @Test
  void helpNamesEachOption() {
    assertEquals(0, QuickRun.run(stream(out), stream(err), "--help"));
    for (String option : "--dir --rounds --only --full --peers --help".split(" ")) {
      assertTrue(out.toString(StandardCharsets.UTF_8).contains(option + " "), option);
    }
  }
}
