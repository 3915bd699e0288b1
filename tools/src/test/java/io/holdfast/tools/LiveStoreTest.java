package io.holdfast.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.file.JvmFlags;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a store that another process has open, and in a JVM with 64 MB of heap. */
class LiveStoreTest {
  @TempDir private Path temporary;

  private static ProcessBuilder holdfast(Object... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JvmFlags.line().split(" ")));
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Holdfast.class.getName());
    for (Object arg : args) {
      command.add(arg.toString());
    }
    return new ProcessBuilder(command);
  }

  @Test
  void readingWorksAndWritingNamesTheOwner() throws Exception {
    Path store = temporary.resolve("store");
    ToolRun.withInput("1\n2\n3\n", "produce", store, "t");
    Process owner = holdfast("consume", store, "t", "--group", "g", "--follow").start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
      for (int i = 1; i <= 3; i++) {
        assertEquals(Integer.toString(i), out.readLine());
      }
      ToolRun info = ToolRun.of("info", store);
      assertEquals(0, info.code(), info.err());
      assertTrue(info.out().contains("owner    pid " + owner.pid() + ", since"), info.out());
      assertEquals(0, ToolRun.of("verify", store).code());
      assertTrue(ToolRun.of("verify", store).out().contains("open in a process"));
      assertEquals(3, ToolRun.of("dump", store, "--topic", "t").out().lines().count());
      assertEquals(0, ToolRun.of("dump", store.resolve("groups/g/t/slots")).code());
      ToolRun produce = ToolRun.withInput("4\n", "produce", store, "t");
      assertEquals(3, produce.code());
      assertTrue(produce.err().contains("pid " + owner.pid()), produce.err());
    } finally {
      owner.destroyForcibly().waitFor();
    }
    ToolRun info = ToolRun.of("info", store);
    assertTrue(info.out().contains("did not close it"), info.out());
    assertEquals(0, ToolRun.of("verify", store).code());
  }

  @Test
  void anInterruptEndsAFollowingConsumerWith130() throws Exception {
    Path store = temporary.resolve("store");
    ToolRun.withInput("1\n", "produce", store, "t");
    Process owner = holdfast("consume", store, "t", "--group", "g", "--follow").start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("1", out.readLine());
      new ProcessBuilder("kill", "-INT", Long.toString(owner.pid())).start().waitFor();
      assertEquals(130, owner.waitFor());
    } finally {
      owner.destroyForcibly().waitFor();
    }
    assertTrue(ToolRun.of("info", store).out().contains("nobody has it open"));
  }

  @Test
  void readingAndWritingTakeLittleMemoryHoweverLargeTheTopic() throws Exception {
    Path store = temporary.resolve("store");
    Process produce =
        holdfast("produce", store, "t", "--durability", "processCrash")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    byte[] line = "x".repeat((1 << 20) - 1).concat("\n").getBytes(StandardCharsets.US_ASCII);
    try (OutputStream in = produce.getOutputStream()) {
      for (int i = 0; i < 150; i++) {
        in.write(line);
      }
    }
    assertEquals(0, produce.waitFor());
    assertEquals(0, quiet("verify", store));
    assertEquals(0, quiet("info", store));
    assertEquals(0, quiet("dump", store, "--payload", "text"));
    assertEquals(0, quiet("consume", store, "t", "--group", "g"));
  }

  private static int quiet(Object... args) throws IOException, InterruptedException {
    return holdfast(args)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
        .waitFor();
  }
}
