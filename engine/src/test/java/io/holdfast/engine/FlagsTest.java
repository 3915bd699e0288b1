package io.holdfast.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.holdfast.storage.error.JvmFlagsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM without the flags is told of them in one sentence, and no store is made. */
class FlagsTest {
  /** What runs in the child. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      try {
        Engine.open(Path.of(args[0])).close();
      } catch (JvmFlagsException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void openWithoutTheFlagsGivesThem(@TempDir Path dir) throws Exception {
    Path store = dir.resolve("store");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.contains("--add-opens java.base/sun.nio.ch=ALL-UNNAMED"), said);
    assertFalse(Files.exists(store));
  }
}
