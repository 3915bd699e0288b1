package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/bin/holdfast} in a tree of its own, with a Maven and a JVM that only tell tales. */
class LaunchScriptTest {
  private static final String JVM =
      """
      #!/bin/sh
      cat
      for argument do printf '[%s]\\n' "$argument"; done
      exit 7
      """;
  private static final String MAVEN =
      """
      #!/bin/sh
      cat >/dev/null
      root=$(dirname "$(dirname "$0")")
      echo "told by the build"
      [ ! -f "$root/broken" ] || exit 1
      mkdir -p "$root/tools/target/dist"
      touch "$root/tools/target/dist/holdfast.jar"
      """;

  @TempDir private Path temporary;
  private Path root;
  private Path script;
  private String out;
  private String err;

  @BeforeEach
  void makeTree() throws IOException {
    root = temporary.toRealPath().resolve("a tree with spaces");
    for (String module : List.of("storage", "engine", "tools")) {
      write(module + "/pom.xml", "<project/>");
      write(module + "/src/main/java/A.java", "class A { }");
    }
    write("pom.xml", "<project/>");
    write("bin/java", JVM);
    write("bin/mvn", MAVEN);
    Path scripts = Path.of("bin");
    script = write("tools/bin/holdfast", Files.readString(scripts.resolve("holdfast")));
    write("tools/bin/launch.sh", Files.readString(scripts.resolve("launch.sh")));
  }

  private Path write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  /** Runs a script with "input" on its stdin; keeps what it prints, and returns its exit code. */
  private int run(Path file, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(file.toString());
    builder.command().addAll(List.of(arguments));
    builder.directory(temporary.toFile());
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", root.resolve("bin") + ":/usr/bin:/bin");
    builder.environment().putAll(environment);
    Path input = Files.writeString(temporary.resolve("input"), "input\n");
    Path printed = temporary.resolve("out");
    Path said = temporary.resolve("err");
    builder.redirectInput(input.toFile()).redirectOutput(printed.toFile());
    int code = builder.redirectError(said.toFile()).start().waitFor();
    out = Files.readString(printed);
    err = Files.readString(said);
    return code;
  }

  private Path jar() {
    return root.resolve("tools/target/dist/holdfast.jar");
  }

  @Test
  void becomesTheJvmWithItsArgumentsInputAndExitCode() throws Exception {
    assertEquals(7, run(script, Map.of(), "two words", "", "*"));
    String flags = "@" + root + "/tools/target/dist/jvm.flags";
    String expected = "input\n[%s]\n[-jar]\n[%s]\n[two words]\n[]\n[*]\n".formatted(flags, jar());
    assertEquals(expected, out);
  }

  @Test
  void isFoundThroughSymbolicLinks() throws Exception {
    Path link = Files.createSymbolicLink(temporary.resolve("link"), script);
    Path second = Files.createSymbolicLink(temporary.resolve("second"), Path.of("link"));
    assertEquals(7, run(second, Map.of()));
    assertTrue(Files.exists(jar()), link::toString);
  }

  @Test
  void buildsAtTheFirstStartOnlyAndSaysSoInOneLine() throws Exception {
    run(script, Map.of());
    assertEquals(1, err.lines().count(), err);
    run(script, Map.of());
    assertEquals("", err);
  }

  @Test
  void buildsAgainWhenASourceIsNewer() throws Exception {
    run(script, Map.of());
    Path source = root.resolve("engine/src/main/java/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(10)));
    run(script, Map.of());
    assertEquals(1, err.lines().count(), err);
  }

  @Test
  void showsTheBuildAndExitsWith3WhenItFails() throws Exception {
    write("broken", "");
    assertEquals(3, run(script, Map.of()));
    assertTrue(err.contains("told by the build"), err);
    assertEquals("", out);
  }

  @Test
  void takesTheTurnOfABuilderThatDied() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    write("target/turn/pid", dead.pid() + "\n");
    assertEquals(7, run(script, Map.of()));
  }

  @Test
  void givesNoFileToADescriptorThatWasClosed() throws Exception {
    write("bin/java", "#!/bin/sh\nreadlink /dev/fd/0 /dev/fd/2 >\"$SEEN\"; echo x\n");
    write("closing", "#!/bin/sh\nexec \"$1\" <&- >&- 2>&-\n");
    run(script, Map.of()); // builds
    Path seen = temporary.resolve("seen");
    run(root.resolve("closing"), Map.of("SEEN", seen.toString()), script.toString());
    assertEquals("/dev/null\n/dev/null\n", Files.readString(seen));
    assertEquals("", out);
  }

  @Test
  void honoursJavaHomeAndOptions() throws Exception {
    write("home/bin/java", "#!/bin/sh\necho \"$2,$3\"\n");
    String home = root.resolve("home").toString();
    run(script, Map.of("JAVA_HOME", home, "HOLDFAST_JAVA_OPTS", "-Xmx64m -Da=b"));
    assertEquals("-Xmx64m,-Da=b\n", out);
  }
}
