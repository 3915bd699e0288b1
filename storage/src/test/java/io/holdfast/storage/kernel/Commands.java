package io.holdfast.storage.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Commands of the system, run to their end. No interrupt breaks one: a test that runs out of time
 * is interrupted, and must clean up all the same.
 */
final class Commands {
  private Commands() {}

  /**
   * Runs a command that must succeed.
   *
   * @param command with its arguments
   * @return what it printed, without the white space around it
   * @throws IOException with what it printed, when it fails or is not there
   */
  static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    byte[] printed = process.getInputStream().readAllBytes();
    int exitCode = process.onExit().join().exitValue();
    String said = new String(printed, StandardCharsets.UTF_8).strip();
    if (exitCode != 0) {
      throw new IOException(
          "%s ended with %d: %s".formatted(String.join(" ", List.of(command)), exitCode, said));
    }
    return said;
  }
}
