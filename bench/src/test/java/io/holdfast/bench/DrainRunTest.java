package io.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.file.JvmFlags;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backlog larger than the heap, in a process of its own. */
class DrainRunTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  @Test
  void aBacklogLargerThanTheHeapIsWorkedOffToItsEnd() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:-UsePerfData", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(DrainRun.class.getName());
    command.addAll(List.of("--messages", "1000000", "--dir", directory.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      System.out.println("DrainRunTest: " + said.strip().replaceAll("(?s).*\n", ""));
      assertEquals(0, process.waitFor(), said);
      assertTrue(
          said.contains(
              "passed: 1,000,000 messages of 64 bytes, 0 not finished, 0 lost, 0 repeated"),
          said);
      assertTrue(leftNothing());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private boolean leftNothing() throws IOException {
    try (Stream<Path> left = Files.list(directory)) {
      return left.findAny().isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--messages", "--messages 0", "--payload 15", "--dir none", "--some 1"})
  void wrongOptionsAreSaidOnStderrWithExitCode2(String line) {
    assertEquals(2, DrainRun.run(stream(out), stream(err), line.split(" ")));
    assertTrue(err.toString(StandardCharsets.UTF_8).startsWith("drain: --"), err.toString());
  }

  @Test
  void helpNamesEachOption() {
    assertEquals(0, DrainRun.run(stream(out), stream(err), "--help"));
    for (String option : "--messages --payload --dir".split(" ")) {
      assertTrue(out.toString(StandardCharsets.UTF_8).contains(option + " "), option);
    }
  }
}
