package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines that make no sense: exit code 2, at most two lines, nothing done. */
class WrongUseTest {
  @TempDir private Path temporary;

  static List<String> wrong() {
    return List.of(
        "",
        "help",
        "frobnicate",
        "--nope",
        "info",
        "info D more",
        "verify",
        "verify D a b",
        "dump",
        "dump D --payload xml",
        "dump D --limit -1",
        "dump D --from x",
        "dump D --from -1",
        "produce",
        "produce D",
        "produce D t --durability maybe",
        "produce D t --header novalue",
        "produce D t --key-field .",
        "produce D t --key-field a..b",
        "produce D t --rate 5",
        "produce D ../x",
        "produce D a/b",
        "produce D .x",
        "produce D " + "n".repeat(129),
        "produce D " + "n".repeat(201),
        "produce D t.g.dlq",
        "produce D bus.t",
        "consume D t",
        "consume D t --group g --max x",
        "consume D t --group g --max -1",
        "demo somewhere");
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void isExplainedAndChangesNothing(String line) {
    Path directory = temporary.resolve("D");
    Object[] args =
        line.isEmpty()
            ? new Object[0]
            : List.of(line.split(" ")).stream()
                .map(word -> word.equals("D") ? directory.toString() : word)
                .toArray();
    ToolRun run = ToolRun.withInput("x\n", args);
    assertEquals(2, run.code(), run::toString);
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("holdfast: "), run.err());
    assertTrue(run.err().lines().count() <= 2, run.err());
    assertTrue(Files.notExists(directory));
  }

  @ParameterizedTest
  @MethodSource("names")
  void namesThatCannotBeAreRefused(String name) {
    Path directory = temporary.resolve("D");
    ToolRun run = ToolRun.withInput("x\n", "produce", directory, name);
    assertEquals(2, run.code(), run::toString);
    assertEquals(0, run.err().chars().filter(c -> c == 0 || c == 27).count());
  }

  static List<String> names() {
    return List.of("", "a\u0000b", "\u001b[31m", "a b", "..", "\u00fc");
  }
}
