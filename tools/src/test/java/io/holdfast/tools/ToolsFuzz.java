package io.holdfast.tools;

import io.holdfast.storage.fuzz.FuzzBounds;
import io.holdfast.storage.fuzz.FuzzEdits;
import io.holdfast.storage.fuzz.FuzzStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A target: the commands that read a store, over changed files in the temporary directory. */
public final class ToolsFuzz {
  /** The check of a whole store takes 14 MiB. */
  private static final long MOST_BYTES = 32L << 20;

  /** What Java says where we did not: a file that is not as expected must be named. */
  private static final Pattern NOT_OURS =
      Pattern.compile("Exception|Error:|out of bounds|No value present|: null$|\\bat java\\.");

  private static final Path STORE = store();
  private static final Map<String, byte[]> FILES = files();

  private ToolsFuzz() {}

  private static Path store() {
    try {
      return ToolStore.orders(Files.createTempDirectory("fuzz").resolve("store"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> files() {
    Map<String, byte[]> files = FuzzStore.read(STORE);
    files.keySet().removeIf(name -> name.equals("store.lock") || name.startsWith("pool"));
    return files;
  }

  /**
   * Runs one input.
   *
   * @param input read by {@link FuzzEdits}; its first byte also chooses the command
   */
  public static void fuzzerTestOneInput(byte[] input) {
    List<String> touched = new ArrayList<>();
    FuzzEdits.apply(FILES, input)
        .forEach(
            (name, content) -> {
              if (content != FILES.get(name)) {
                touched.add(name);
                write(name, content);
              }
            });
    try {
      int verb = input.length == 0 ? 0 : (input[0] & 0xFF) >>> 1;
      Path file = STORE.resolve(touched.isEmpty() ? "store.ctl" : touched.get(0));
      FuzzBounds.run(() -> check(run(verb % 9, file)), MOST_BYTES);
    } finally {
      touched.forEach(name -> write(name, FILES.get(name)));
    }
  }

  private static ToolRun run(int verb, Path file) {
    return switch (verb) {
      case 0 -> ToolRun.of("verify", STORE);
      case 1 -> ToolRun.of("verify", STORE, "--json");
      case 2 -> ToolRun.of("info", STORE);
      case 3 -> ToolRun.of("info", STORE, "--json");
      case 4 -> ToolRun.of("dump", STORE, "--payload", "text");
      case 5 -> ToolRun.of("dump", STORE, "--records", "--payload", "json", "--json");
      case 6 -> ToolRun.of("dump", file, "--payload", "hex");
      case 7 -> ToolRun.of("dump", file, "--json");
      default -> ToolRun.of("repair", STORE, "orders", "--dry-run");
    };
  }

  private static void check(ToolRun run) {
    boolean documented = run.code() == 0 || run.code() == 1 || run.code() == 3;
    // What was found in a file is quoted, and may be anything.
    String said = run.err().replaceAll("'.*'", "''");
    boolean ours = said.lines().noneMatch(line -> NOT_OURS.matcher(line).find());
    if (!documented || !ours) {
      throw new AssertionError("exit code %d: %s".formatted(run.code(), run.err()));
    }
  }

  private static void write(String name, byte[] content) {
    try {
      Files.write(STORE.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
